import { h } from "vue";

// NiceGUI renders all of a page at each change of any of it; what stands still here is left out.
export default {
  props: { still: Boolean },
  render() {
    if (!this.still || !this.kept) {
      this.kept = h("div", { style: "display: contents" }, this.$slots.default?.());
      this.kept.memo = []; // Vue's own mark (v-memo) of what it need not look into again
    }
    return h("div", [this.kept]);
  },
};
