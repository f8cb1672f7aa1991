// The contents of every inbox: twenty typical messages of a shop, newest first.
export type Message = { title: string; body: string; minutes: number }

const subjects = ['Your order has shipped', 'Your order has arrived', 'A price you watched went down', 'Your return is on its way', 'New on our shelves']
const bodies = [
    'It left our workshop this morning and should be with you by Friday. You can follow the parcel from the order page.',
    'The courier left it with your neighbour at number 14. Is something missing? Write to us and we will put it right.',
    'The Halo lamp in brass costs less until Sunday. There are nine of them left, and they are made to be repaired.',
    'We will send the money back as soon as the parcel is here, which usually takes three working days.',
    'A woollen throw in two new colours, woven in the valley next to ours. The first fifty come with a free box.'
]

export const messages: Message[] = Array.from({ length: 20 }, (_, index) => ({
    title: `${subjects[index % subjects.length]} (${20 - index})`,
    body: bodies[index % bodies.length] ?? '',
    minutes: 7 + index * 95
}))

/** When a message was sent, in the format of the peers' responses. */
export const sentAt = (message: Message) => new Date(Date.now() - message.minutes * 60_000).toISOString()
