// A Vue page whose header is rendered again on every change, and once thrown away and rebuilt.
import { createApp } from 'vue/dist/vue.esm-bundler.js'

const Shop = {
    data: () => ({ clicks: 0 }),
    template: `<header :key="clicks > 4 ? 'second' : 'first'" :class="'clicks-' + clicks">
        <button id=count @click="clicks++">Clicked {{ clicks }}</button><b id=target ref=place></b></header>`,
    mounted() {
        this.$root.start(() => this.$refs.place)
    }
}

window.render = start => createApp({ components: { Shop }, template: '<Shop />', methods: { start } }).mount('#app')
