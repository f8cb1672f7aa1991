title = Sign in
enter = Sign in
wrong = Wrong e-mail address or password.
code-title = Two-factor authentication
code = Code from your authenticator app
code-wrong = is wrong or was already used; wait for the next one
failures =
    { $count ->
        [one] Since your last sign-in, a wrong code was entered once after your password, most recently at { $last }. If this was not you, change your password.
       *[other] Since your last sign-in, a wrong code was entered { $count } times after your password, most recently at { $last }. If this was not you, change your password.
    }
go-on = Continue
other = Sign in with another account
