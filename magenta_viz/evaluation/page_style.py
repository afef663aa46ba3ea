# Copyright 2026 The magenta_viz Authors.
#
# Licensed under the Apache License, Version 2.0 (the "License");
# you may not use this file except in compliance with the License.
# You may obtain a copy of the License at
#
#     http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS,
# WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
# See the License for the specific language governing permissions and
# limitations under the License.

"""The looks of an evaluation's page: one style sheet, light and dark."""

# Text has a contrast of 4.5 or more on what is behind it (WCAG 2.1, 1.4.3); a
# test measures it. No font, picture or other file is named: the page has none.
STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f4ef; --card: #fffefb; --mat: #ebe7de; --line: #ddd7ca;
  --text: #24221e; --quiet: #645f55; --bar: #b5ac9a; --band: #d3dfe9;
  --right: #19734b; --right-tint: #dcf0e4;
  --near: #875300; --near-tint: #fbeccd;
  --far: #ad2f2a; --far-tint: #fbe3df;
  --serif: 'Iowan Old Style', 'Palatino Linotype', Palatino, Georgia, serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #161513; --card: #201f1c; --mat: #11100f; --line: #38352f;
    --text: #ece8df; --quiet: #a8a296; --bar: #57524a; --band: #2c3d4d;
    --right: #6fd3a0; --right-tint: #1a3a2a;
    --near: #edbd63; --near-tint: #3d2f12;
    --far: #f59a92; --far-tint: #452220;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif;
  overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
}
main { max-width: 84rem; margin: 0 auto; padding: 2.5rem 1.25rem 4rem; }
h1, h2, h3 { font-family: var(--serif); font-weight: 600; line-height: 1.2; }
h1 { font-size: 2.4rem; margin: 0 0 .4rem; }
h2 { font-size: 1.5rem; margin: 3rem 0 .3rem; }
p { margin: 0; }
.lead { font-size: 1.1rem; max-width: 52rem; }
.note { color: var(--quiet); max-width: 52rem; margin-bottom: 1rem; }
.quiet { color: var(--quiet); }
.number { font-variant-numeric: tabular-nums; white-space: nowrap; }

table { border-collapse: collapse; width: 100%; background: var(--card);
  border: 1px solid var(--line); border-radius: 8px; }
th, td { padding: .35rem .8rem; text-align: left; vertical-align: top; }
thead th { color: var(--quiet); font-weight: 500; font-size: .85rem; }
tbody { border-top: 1px solid var(--line); }
tbody th { font-weight: 600; min-width: 9rem; }
tbody th[scope=rowgroup] { padding-top: .7rem; }
tbody th[scope=rowgroup] .quiet { font-weight: 400; }
td.alone { color: var(--quiet); }
tbody tr.own { color: var(--quiet); }
tbody tr.own th { font-weight: 400; }
.strip { display: block; position: relative; height: 10px; margin: .25rem 0;
  max-width: 11rem; min-width: 5rem; }
.strip::before { content: ''; position: absolute; inset: 4px 0;
  background: var(--line); border-radius: 1px; }
.strip i { position: absolute; top: 3px; height: 4px; min-width: 2px;
  background: var(--quiet); border-radius: 2px; }
.strip i.band { top: 0; height: 10px; background: var(--band); }
.strip b { position: absolute; top: 0; width: 10px; height: 10px;
  margin-left: -5px; border-radius: 50%; background: var(--text);
  border: 2px solid var(--card); }

.wall { list-style: none; margin: 1.2rem 0 0; padding: 0; display: grid;
  gap: 1.4rem; grid-template-columns:
    repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line);
  border-radius: 8px; overflow: hidden; display: flex;
  flex-direction: column; }
.card > img { display: block; width: 100%; height: auto; aspect-ratio: 1;
  object-fit: contain; background: var(--mat); }
.card > img.coarse { image-rendering: pixelated; }
.label { padding: .9rem 1rem 1rem; display: flex; flex-direction: column;
  gap: .7rem; }
.card h3 { margin: 0; font-size: 1.2rem; }
.card h3 .place { float: right; color: var(--quiet); font-weight: 400;
  margin-left: .6rem; }
.facts { font-size: .82rem; color: var(--quiet); }
code { font: .9em/1.4 ui-monospace, 'SF Mono', Menlo, Consolas, monospace; }
h4 { margin: 0 0 .2rem; font-size: .9rem; font-weight: 600; display: flex;
  flex-wrap: wrap; gap: .2rem .5rem; justify-content: space-between; }
.chip { font-weight: 500; font-size: .78rem; padding: .05rem .5rem;
  border-radius: 999px; color: var(--quiet); background: var(--mat); }
.chip.first { color: var(--right); background: var(--right-tint); }
.chip.near { color: var(--near); background: var(--near-tint); }
.chip.far { color: var(--far); background: var(--far-tint); }
.guesses { list-style: none; margin: 0; padding: 0; font-size: .86rem; }
.guesses li { display: grid; grid-template-columns: 1fr auto; gap: 0 .6rem;
  padding: .1rem 0; }
.guesses .bar { grid-column: 1 / -1; height: 4px; border-radius: 2px;
  background: var(--mat); overflow: hidden; }
.guesses .bar i { display: block; height: 100%; background: var(--bar);
  border-radius: 2px; }
.guesses .right { color: var(--right); font-weight: 600; }
.guesses .right .bar i { background: var(--right); }
details { font-size: .82rem; }
summary { cursor: pointer; color: var(--quiet); }
dl { margin: .4rem 0 0; display: grid; gap: .1rem .6rem;
  grid-template-columns: auto auto minmax(4rem, 1fr); align-items: center; }
dt { color: var(--quiet); }
dd { margin: 0; }
dd.wide { grid-column: 2 / -1; color: var(--quiet); }
dd .strip { min-width: 0; max-width: none; }
footer { margin-top: 3rem; padding-top: 1rem; font-size: .85rem;
  border-top: 1px solid var(--line); color: var(--quiet); }
footer p + p { margin-top: .4rem; }

@media (max-width: 64rem) {
  h1 { font-size: 1.9rem; }
  table, tbody, th, td { display: block; }
  tr { display: grid; grid-template-columns:
    repeat(auto-fill, minmax(min(100%, 17rem), 1fr)); }
  th, td.alone { grid-column: 1 / -1; }
  thead { display: none; }
  td { display: grid; grid-template-columns: 5.6rem 1fr; gap: .6rem;
    padding: .2rem .8rem; }
  td::before { content: attr(data-label); color: var(--quiet);
    font-size: .85rem; }
  td.alone { display: block; }
  td.alone::before { content: none; }
  td.empty { display: none; }
  tr { padding-bottom: .5rem; }
  th { padding-bottom: .2rem; }
}
@media print { .card { break-inside: avoid; } }
""".strip()
