/** The page's style sheet. Colours are in variables, so that the dark scheme is one block. */
export const STYLES = `
:root {
  color-scheme: light dark;
  --back: #f6f7f9; --card: #fff; --line: #d9dde3; --text: #1b1f24; --muted: #59626e; --link: #1455b0;
  --focus: #1455b0; --good: #17693a; --busy: #1455b0; --plain: #59626e; --warn: #8a5200; --bad: #b3261e;
  --good-back: #e3f4e9; --busy-back: #e4eefb; --plain-back: #eceef1; --warn-back: #fdf0d9; --bad-back: #fce8e6;
  --code: "Cascadia Mono", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #101317; --card: #181c22; --line: #323943; --text: #e6e9ed; --muted: #a0a9b5; --link: #84b6ff;
    --focus: #84b6ff; --good: #7fd8a0; --busy: #84b6ff; --plain: #b4bcc7; --warn: #f2be68; --bad: #ff9d94;
    --good-back: #16301f; --busy-back: #172c4a; --plain-back: #272d36; --warn-back: #3a2b10; --bad-back: #45201d;
  }
}

* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0 auto; max-width: 84rem; padding: 0 1.25rem 3rem; background: var(--back); color: var(--text);
  font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
main:focus { outline: none; }
[hidden] { display: none !important; }
.skip { position: absolute; left: -100vw; top: 0; padding: 0.5rem 0.75rem; background: var(--card); z-index: 1; }
.skip:focus { left: 0.5rem; }
.muted, .none, .what, .stage { color: var(--muted); }
.long, code, pre, dd { overflow-wrap: anywhere; }
code, pre { font-family: var(--code); font-size: 0.92em; }

header { display: flex; flex-wrap: wrap; align-items: center; gap: 0.25rem 1rem; padding: 0.7rem 0; }
header p { margin: 0; }
.brand { font-weight: 650; margin-right: auto !important; }
.brand a { color: inherit; text-decoration: none; }
.brand a:hover { text-decoration: underline; }
.stage { font-weight: 400; border: 1px solid var(--line); border-radius: 4px; padding: 0 0.4em; margin-left: 0.3em; }
.updates { color: var(--muted); font-variant-numeric: tabular-nums; }
h1 { font-size: 1.35rem; line-height: 1.25; margin: 0.4rem 0 0.9rem; overflow-wrap: anywhere; }
.what { font-weight: 400; }
h2 { font-size: 1rem; margin: 0; }

section, .facts, .login { background: var(--card); border: 1px solid var(--line); border-radius: 8px;
  padding: 0.8rem 1rem; margin: 0 0 1rem; }
.heading { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.25rem 1rem; }
section p { margin: 0.4rem 0 0; }
.count { font-weight: 600; }
.count.urgent, .problem, #trouble { color: var(--bad); }
#trouble { background: var(--bad-back); border: 1px solid; border-radius: 8px; padding: 0.5rem 1rem; }
.note { color: var(--muted); max-width: 46rem; }

table { border-collapse: collapse; width: 100%; margin-top: 0.5rem; }
caption { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
table:not(:only-of-type) caption { position: static; width: auto; height: auto; clip-path: none; text-align: left;
  color: var(--muted); }
th, td { text-align: left; vertical-align: baseline; padding: 0.38rem 0.9rem 0.38rem 0;
  border-top: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 500; color: var(--muted); border-top: 0; white-space: nowrap; padding-bottom: 0.2rem; }
tbody th { font-weight: 500; max-width: 30rem; }
time, .distance { white-space: nowrap; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.number:not(:last-child) { padding-right: 1.6rem; }
tbody tr:hover { background: color-mix(in srgb, var(--busy-back) 45%, transparent); }

.badge { display: inline-flex; align-items: center; gap: 0.4em; padding: 0.05em 0.55em 0.05em 0.45em; border-radius: 1em;
  font-weight: 500; white-space: nowrap; line-height: 1.4; }
.badge::before { content: ""; flex: none; width: 0.62em; height: 0.62em; background: currentColor; }
.good { color: var(--good); background: var(--good-back); }
.good::before { border-radius: 50%; }
.busy { color: var(--busy); background: var(--busy-back); }
.busy::before { border-radius: 50%; background: none; border: 2px solid; }
.plain { color: var(--plain); background: var(--plain-back); }
.warn { color: var(--warn); background: var(--warn-back); }
.warn::before { clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%); width: 0.7em; height: 0.7em; }
.bad { color: var(--bad); background: var(--bad-back); }
.bad::before { clip-path: polygon(50% 0, 100% 100%, 0 100%); width: 0.72em; height: 0.66em; }
td p, section td p { margin: 0.15rem 0 0; max-width: 24rem; }

.thumbnail { display: inline-block; position: relative; width: 64px; height: 36px; margin: 0.1rem 0.6rem 0.1rem 0;
  vertical-align: middle; background: var(--plain-back); border-radius: 4px; overflow: hidden; }
.thumbnail img { display: block; width: 100%; height: 100%; object-fit: cover; }
.thumbnail img[data-missing] { visibility: hidden; }
.thumbnail:has(img[data-missing])::after { content: "not loaded"; position: absolute; inset: 0; display: grid;
  place-items: center; font-size: 11px; font-weight: 400; color: var(--muted); }

form { margin: 0; }
.search { display: flex; flex-wrap: wrap; align-items: end; gap: 0.5rem 0.75rem; margin-top: 0.4rem; }
label { display: grid; gap: 0.1rem; color: var(--muted); }
.search label:nth-of-type(3) { flex: 1 1 16rem; }
input, select, button { font: inherit; color: var(--text); background: var(--card); border: 1px solid #818a96;
  border-radius: 6px; padding: 0.3rem 0.6rem; min-height: 2.1rem; max-width: 100%; }
button { cursor: pointer; font-weight: 500; }
button:hover { background: var(--busy-back); }
.quiet { color: var(--link); padding: 0.1rem 0.55rem; min-height: 1.75rem; margin-left: 0.5rem; }
.login { max-width: 24rem; display: grid; gap: 0.75rem; }
.choice, .contents { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; }
.contents { margin: -0.3rem 0 0.9rem; }
.choice a[aria-current] { color: inherit; font-weight: 600; text-decoration: none; }

.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 0.6rem 1.25rem; }
.facts dt { color: var(--muted); }
.facts dd { margin: 0; }
.facts time { white-space: normal; }

.timeline { list-style: none; margin: 0.6rem 0 0 0.35rem; padding: 0; border-left: 2px solid var(--line); }
.timeline li { position: relative; padding: 0 0 0.9rem 1.1rem; }
.timeline li::before { content: ""; position: absolute; left: -6px; top: 0.36em; width: 10px; height: 10px;
  border-radius: 50%; background: var(--card); border: 2px solid var(--busy); }
.timeline p { margin: 0; }
summary { cursor: pointer; color: var(--link); width: fit-content; }
pre { margin: 0.4rem 0 0; padding: 0.6rem 0.75rem; background: var(--plain-back); border-radius: 6px; overflow: auto;
  max-height: 26rem; white-space: pre-wrap; }

@media (max-width: 56rem) {
  body { padding: 0 0.75rem 2rem; }
  section, .facts, .login { padding: 0.7rem 0.8rem; }
  table, caption, tbody, tr, th, td { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { border-top: 1px solid var(--line); padding: 0.55rem 0; }
  tbody tr:last-child { padding-bottom: 0; }
  th, td, .number:not(#_) { border: 0; padding: 0.08rem 0; text-align: left; white-space: normal; }
  tbody th { font-size: 1.02em; font-weight: 600; max-width: none; padding-bottom: 0.15rem; }
  tbody th:has(.thumbnail) { display: flex; align-items: center; }
  .thumbnail { flex: none; }
  td { display: grid; grid-template-columns: 6.2rem 1fr; gap: 0.5rem; }
  td::before { content: attr(data-title); color: var(--muted); }
  td:has(> div > .none:only-child) { display: none; }
  .facts { grid-template-columns: 1fr; }
  .facts > div { display: grid; grid-template-columns: 6.2rem 1fr; gap: 0.5rem; }
  .search label, .search .buttons { flex: 1 1 100%; }
  .search input, .search select, .login input { width: 100%; }
}
@media (forced-colors: active) {
  .badge::before { forced-color-adjust: none; background: CanvasText; }
}
`;
