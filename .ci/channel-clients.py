"""Calls every method of chatwoot-sdk 0.2.0, synchronous and asynchronous, and checks its result.

Called by .ci/channel-clients.
"""

import asyncio
import inspect
import json
import sys
from pathlib import Path

from chatwoot import AsyncChatwootClient, ChatwootClient
from chatwoot.exceptions import ChatwootAPIError, ChatwootAuthError, ChatwootNotFoundError

url, folder = sys.argv[1], Path(sys.argv[2])
inbox_made = json.loads((folder / "inbox").read_text())
agent_made = json.loads((folder / "agent").read_text())
other_made = json.loads((folder / "other-agent").read_text())
ACCOUNT, INBOX = inbox_made["account_id"], inbox_made["inbox_id"]
ANN, BOB = agent_made["user_id"], other_made["user_id"]
assert len(inbox_made["inbox_identifier"]) == len(inbox_made["hmac_token"]) == len(agent_made["api_access_token"]) == 24
assert len(inbox_made["bot_id"]) == 36

# Called methods, and all methods.
called = set()


def methods(client):
    found = {}

    def look(name, resource):
        for part, value in vars(resource).items():
            if hasattr(value, "_http") and not part.startswith("_"):
                look(f"{name}{part}.", value)
        for part, value in inspect.getmembers(resource, callable):
            if not part.startswith("_") and not inspect.isclass(value):
                found[name + part] = value

    for part, value in vars(client).items():
        if hasattr(value, "_http") and not part.startswith("_"):
            look(f"{part}.", value)
    return found


class Driver:
    """Calls a synchronous or asynchronous method by its name."""

    def __init__(self, client, tag):
        self.methods, self.tag = methods(client), tag

    async def __call__(self, method, /, *args, **kwargs):
        called.add((self.tag, method))
        answer = self.methods[method](*args, **kwargs)
        return await answer if inspect.isawaitable(answer) else answer

    async def refused(self, status, method, /, *args, **kwargs):
        try:
            await self(method, *args, **kwargs)
        except ChatwootAPIError as error:
            assert error.status_code == status, (method, error)
            return error
        raise AssertionError(f"{method} was not refused")


async def drive(call):
    tag = call.tag
    profile = await call("profile.get")
    assert (profile.id, profile.name, profile.email, profile.account_id, profile.role.value) == (ANN, "Ann", "ann@shop.example", ACCOUNT, "administrator")
    assert [(account.id, account.name, account.role.value) for account in profile.accounts] == [(ACCOUNT, "Shop", "administrator")]

    agents = await call("agents.list", ACCOUNT)
    assert [(agent.id, agent.role.value, agent.account_id) for agent in agents] == [(ANN, "administrator", ACCOUNT), (BOB, "agent", ACCOUNT)]

    made = await call("inboxes.create", ACCOUNT, f"Second {tag}", "api", webhook_url="https://shop.example/hook")
    assert (made.name, made.channel_type, made.webhook_url) == (f"Second {tag}", "Channel::Api", "https://shop.example/hook")
    changed = await call("inboxes.update", ACCOUNT, made.id, name=f"Renamed {tag}", greeting_enabled=True, greeting_message="Hi")
    assert (changed.id, changed.name, changed.greeting_enabled, changed.greeting_message) == (made.id, f"Renamed {tag}", True, "Hi")
    assert changed.webhook_url == "https://shop.example/hook"
    assert (await call("inboxes.get", ACCOUNT, made.id)).name == f"Renamed {tag}"
    assert {INBOX, made.id} <= {inbox.id for inbox in await call("inboxes.list", ACCOUNT)}

    # The SDK reads the list from the wrong member, so its result is empty; the request itself takes
    # effect.
    assert await call("inboxes.agents.add", ACCOUNT, INBOX, [ANN, BOB]) == []
    assert await call("inboxes.agents.list", ACCOUNT, INBOX) == []
    assert members() == [ANN, BOB]
    await call("inboxes.agents.update", ACCOUNT, INBOX, [BOB])
    assert members() == [BOB]
    await call("inboxes.agents.remove", ACCOUNT, INBOX, [BOB])
    assert members() == []
    await call("inboxes.agents.add", ACCOUNT, INBOX, [BOB])

    created = await call(
        "contacts.create", ACCOUNT, INBOX, name=f"Zoe {tag}", email=f"Zoe-{tag}@Example.com", identifier=f"crm-{tag}", custom_attributes={"plan": "free"}
    )
    contact = created.contact
    assert (contact.name, contact.email, contact.identifier, contact.phone_number) == (f"Zoe {tag}", f"zoe-{tag}@example.com", f"crm-{tag}", None)
    source_id = created.contact_inbox.source_id
    assert len(source_id) == 36 and [session.source_id for session in contact.contact_inboxes] == [source_id]
    taken = await call.refused(422, "contacts.create", ACCOUNT, INBOX, email=f"zoe-{tag}@example.com")
    assert taken.description == "Email has already been taken"
    changed = await call("contacts.update", ACCOUNT, contact.id, name=f"Zoe B {tag}", phone_number="+15550001" + ("111" if tag == "sync" else "222"), custom_attributes={"seats": 3})
    assert (changed.name, changed.custom_attributes) == (f"Zoe B {tag}", {"plan": "free", "seats": 3})
    assert (await call("contacts.get", ACCOUNT, contact.id)).name == f"Zoe B {tag}"
    assert contact.id in [listed.id for listed in await call("contacts.list", ACCOUNT, page=1)]
    assert [found.id for found in await call("contacts.search", ACCOUNT, f"crm-{tag}")] == [contact.id]
    reachable = await call("contacts.contactable_inboxes", ACCOUNT, contact.id)
    assert source_id in [inbox["source_id"] for inbox in reachable]

    conversation = await call("conversations.create", ACCOUNT, source_id, INBOX, contact.id, custom_attributes={"order": 42})
    number = conversation.id
    assert (conversation.status.value, conversation.inbox_id, conversation.account_id) == ("open", INBOX, ACCOUNT)
    assert (conversation.custom_attributes, conversation.meta.sender.id, conversation.meta.assignee) == ({"order": 42}, contact.id, None)
    assert (await call("conversations.get", ACCOUNT, number)).id == number
    assert number in [listed.id for listed in await call("conversations.list", ACCOUNT)]
    assert [listed.id for listed in await call("contacts.conversations", ACCOUNT, contact.id)] == [number]
    counts = (await call("conversations.get_counts", ACCOUNT, status="open"))["meta"]
    assert set(counts) == {"mine_count", "assigned_count", "unassigned_count", "all_count"} and counts["all_count"] >= 1

    said = await call("messages.create", ACCOUNT, number, f"Hello {tag}", message_type="incoming")
    assert (said.content, said.message_type, said.status, said.sender.type, said.sender.id) == (f"Hello {tag}", 0, "sent", "contact", contact.id)
    assert (await call("conversations.get", ACCOUNT, number)).unread_count == 1
    answer = await call("messages.create", ACCOUNT, number, "How can I help?", echo_id="echo-1")
    assert (answer.message_type, answer.private, answer.sender.type, answer.sender.id) == (1, False, "user", ANN)
    note = await call("messages.create", ACCOUNT, number, "Looks urgent", private=True)
    assert note.private is True
    listed = await call("messages.list", ACCOUNT, number)
    assert [message.id for message in listed if message.message_type in (0, 1)] == [said.id, answer.id, note.id]
    # Calls a path that doesn't exist.
    assert isinstance(await call.refused(404, "messages.update", ACCOUNT, said.id, "x"), ChatwootNotFoundError)
    await call.refused(404, "messages.delete", ACCOUNT, said.id)

    assigned = await call("conversations.assign", ACCOUNT, number, BOB)
    assert (assigned.meta.assignee.id, assigned.meta.assignee.name) == (BOB, "Bob")
    changed = await call("conversations.update", ACCOUNT, number, status="pending", assignee_id=ANN, priority="high")
    assert (changed.status.value, changed.meta.assignee.id, changed.priority.value) == ("pending", ANN, "high")
    assert number in [listed.id for listed in await call("conversations.list", ACCOUNT, status="pending", assignee_type="me")]
    toggled = await call("conversations.toggle_status", ACCOUNT, number, "resolved")
    assert (toggled.success, toggled.current_status.value, toggled.snoozed_until) == (True, "resolved", None)
    assert await call("conversations.labels.add", ACCOUNT, number, ["VIP", "billing"]) == ["billing", "vip"]
    assert await call("conversations.labels.list", ACCOUNT, number) == ["billing", "vip"]
    assert [listed.id for listed in await call("conversations.list", ACCOUNT, status="resolved", labels=["vip"], q=f"Hello {tag}")] == [number]

    await call("contacts.delete", ACCOUNT, contact.id)
    await call.refused(404, "contacts.get", ACCOUNT, contact.id)

    # Features that Belfry doesn't have: each must return an error.
    await call.refused(405, "agents.add", ACCOUNT, "Eve", "eve@shop.example", "agent")
    for name, *args in [
        ("agents.get", ACCOUNT, ANN),
        ("agents.update", ACCOUNT, ANN),
        ("agents.remove", ACCOUNT, ANN),
        ("inboxes.get_agent_bot", ACCOUNT, INBOX),
        ("inboxes.set_agent_bot", ACCOUNT, INBOX, 1),
        ("contacts.labels.list", ACCOUNT, 1),
        ("contacts.labels.add", ACCOUNT, 1, ["vip"]),
        ("contacts.merge", ACCOUNT, 1, 2),
        ("teams.list", ACCOUNT),
        ("teams.get", ACCOUNT, 1),
        ("teams.create", ACCOUNT, "Sales"),
        ("teams.update", ACCOUNT, 1),
        ("teams.delete", ACCOUNT, 1),
        ("teams.agents.list", ACCOUNT, 1),
        ("teams.agents.add", ACCOUNT, 1, [ANN]),
        ("teams.agents.remove", ACCOUNT, 1, [ANN]),
    ]:
        await call.refused(404, name, *args)
    missing = {name for name in call.methods if (tag, name) not in called}
    assert not missing, f"{tag}: never called: {missing}"


def members():
    """The members of the inbox, which the SDK does not return."""
    import httpx

    headers = {"api_access_token": agent_made["api_access_token"]}
    answer = httpx.get(f"{url}/api/v1/accounts/{ACCOUNT}/inbox_members/{INBOX}", headers=headers).json()
    return [agent["id"] for agent in answer["payload"]]


async def main():
    with ChatwootClient(base_url=url, api_token=agent_made["api_access_token"]) as client:
        await drive(Driver(client, "sync"))
    async with AsyncChatwootClient(base_url=url, api_token=agent_made["api_access_token"]) as client:
        await drive(Driver(client, "async"))
    with ChatwootClient(base_url=url, api_token="x" * 24) as client:
        try:
            client.profile.get()
            raise AssertionError("a wrong token was taken")
        except ChatwootAuthError:
            pass
    with ChatwootClient(base_url=url, api_token=other_made["api_access_token"]) as client:
        assert [inbox.id for inbox in client.inboxes.list(ACCOUNT)] == [INBOX]
        try:
            client.inboxes.create(ACCOUNT, "Mine", "api")
            raise AssertionError("an agent made an inbox")
        except ChatwootAuthError:
            pass


asyncio.run(main())
print(f"{len(called)} methods of chatwoot-sdk")
