// Who may import whom (DESIGN.md, section 1). Rules name the reason, so that a refused import explains itself.

// Rooms that adapt one outside thing each. Beyond core they know the ports that they fill, and these neighbours:
const neighbours = {
  engine: ['images'], // a training batch begins with decoded pictures
  images: [],
  store: [],
  cuda: ['exchange'], // wheels are zip archives
  exchange: ['engine', 'images'], // a written model is compared with our own prediction, and runs on pictures
};
const adapters = Object.keys(neighbours);

const adapterRules = adapters.map((room) => ({
  name: `${room}-imports-core`,
  comment: `src-main/${room} knows core, the ports of the services, and of the other rooms: ${neighbours[room].join(', ') || 'none'}.`,
  severity: 'error',
  from: { path: `^src-main/${room}/` },
  to: { path: '^src-(main|renderer)/', pathNot: `^src-main/(${[room, ...neighbours[room]].join('|')}|services/ports)` },
}));

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'core-imports-nothing',
      comment:
        'src-core is pure: it imports nothing outside itself, apart from zod and the XML parser saxes (pure JavaScript, no I/O).',
      severity: 'error',
      from: { path: '^src-core/' },
      to: { pathNot: '^src-core/|^node_modules/(zod|saxes)/' },
    },
    {
      name: 'renderer-imports-core',
      comment: 'The page has no Node and no main process: it imports core and what draws it.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: {
        pathNot: '^src-(core|renderer)/|^node_modules/(svelte|@lucide/svelte|zod)/|^vite/client$',
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'renderer-knows-no-main',
      comment: 'Not even types of the main process: what both sides know is in src-core/contract.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { path: '^src-main/' },
    },
    ...adapterRules,
    {
      name: 'services-know-ports',
      comment: 'The use cases import core and the ports they declare, never an adapter.',
      severity: 'error',
      from: { path: '^src-main/services/' },
      to: { path: '^src-(main|renderer)/', pathNot: '^src-main/services/' },
    },
    {
      name: 'services-touch-no-platform',
      comment: 'Files, processes and packages are behind ports.',
      severity: 'error',
      from: { path: '^src-main/services/' },
      to: {
        path: '^(node:)?(fs|fs/promises|child_process|net|http|https)$|^node_modules/(better-sqlite3|sharp|onnxruntime-node|@tensorflow)/',
      },
    },
    {
      name: 'electron-only-at-its-place',
      comment: 'Only src-main/electron and src-main/workers know Electron; everything else also runs without it.',
      severity: 'error',
      from: { path: '^src-', pathNot: '^src-main/(electron|workers)/' },
      to: { path: '^node_modules/electron/|^electron$' },
    },
    {
      name: 'composition-roots-are-apart',
      comment: 'The window and the command line compose the same services and do not know each other.',
      severity: 'error',
      from: { path: '^src-main/(electron|cli)/' },
      to: { path: '^src-(main/(electron|cli)|renderer)/', pathNot: '^src-main/$1/' },
    },
    {
      name: 'workers-compose-no-window',
      severity: 'error',
      from: { path: '^src-main/workers/' },
      to: { path: '^src-(main/(electron|cli)|renderer)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one thing, or three.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'shipped-code-needs-dependencies',
      comment: 'What runs in the packaged app is listed under dependencies, not devDependencies.',
      severity: 'error',
      from: { path: '^src-(core|main)/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
        pathNot: '^node_modules/(electron|@types)/',
      },
    },
    {
      name: 'imports-resolve',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    preserveSymlinks: true,
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'require', 'node', 'default'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
