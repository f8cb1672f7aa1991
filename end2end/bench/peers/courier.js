// Courier's inbox as its README shows it, with this benchmark's addresses.
import { Courier } from '@trycourier/courier-ui-inbox'

const { api } = window.bench
const socket = api.replace('http', 'ws')
document.getElementById('target').append(Object.assign(document.createElement('courier-inbox-popup-menu'), { id: 'inbox' }))
document.getElementById('inbox').setAttribute('popup-alignment', 'top-right')
const jwt = await (await fetch('/token')).text()
Courier.shared.signIn({
    userId: 'anna',
    jwt,
    apiUrls: { courier: { rest: api, graphql: `${api}/client/q` }, inbox: { graphql: `${api}/q`, webSocket: socket } }
})
