"""django-notifications-hq, as its documentation sets it up, on the PostgreSQL server of the
environment: `django_notifications.py fill DATABASE` stores users with notifications and prints their cookies
as JSON; afterwards gunicorn serves `django_notifications:application`."""

import json
import os
import sys

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import JsonResponse
from django.urls import include, path

USERS = 1_000
EACH = 100
UNREAD = 40

if not settings.configured:
    settings.configure(
        SECRET_KEY="of this measurement alone",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": os.environ["BELFRY_BENCH_PEER_DATABASE"],
                "CONN_MAX_AGE": None,
            }
        },
        INSTALLED_APPS=[
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "django.contrib.sessions",
            "notifications",
        ],
        MIDDLEWARE=[
            # Says how long an answer is.
            "django.middleware.common.CommonMiddleware",
            "django.contrib.sessions.middleware.SessionMiddleware",
            "django.contrib.auth.middleware.AuthenticationMiddleware",
        ],
    )
application = get_wsgi_application()


def mark(request, notification):
    """What its own view does, without the redirect to a page afterwards."""
    from django.shortcuts import get_object_or_404
    from notifications.models import Notification

    get_object_or_404(Notification, recipient=request.user, id=notification).mark_as_read()
    return JsonResponse({})


def ready(_request):
    return JsonResponse({})


urlpatterns = [
    path("ready", ready),
    path("mark/<int:notification>", mark),
    path("inbox/", include("notifications.urls", namespace="notifications")),
]


def fill():
    from importlib import import_module

    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import User
    from django.contrib.contenttypes.models import ContentType
    from django.core.management import call_command
    from notifications.models import Notification

    call_command("migrate", verbosity=0)
    users = User.objects.bulk_create(
        [User(username=f"reader{number}", password="!") for number in range(USERS)]
    )
    sender = users[0]
    kind = ContentType.objects.get_for_model(User)
    rows = [
        Notification(
            recipient=user,
            actor_content_type=kind,
            actor_object_id=str(sender.pk),
            verb=f"Your order {number} has shipped",
            description="It is on its way and should be with you by Friday.",
            unread=number >= EACH - UNREAD,
        )
        for number in range(EACH)
        for user in users
    ]
    notifications = Notification.objects.bulk_create(rows, batch_size=5_000)
    cookies = []
    for user in users:
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        cookies.append(f"sessionid={session.session_key}")
    unread = [[] for _ in users]
    for place, notification in enumerate(notifications):
        if notification.unread:
            unread[place % USERS].append(notification.pk)
    print(json.dumps({"cookies": cookies, "unread": unread}))


if __name__ == "__main__" and sys.argv[1:] == ["fill"]:
    fill()
