import { defineConfig } from 'vite';

/** A running platform, for `npm run dev`: the page comes from Vite, all else from there. */
const platform = 'http://localhost:8080';

export default defineConfig({
  build: { outDir: '../wwwroot', emptyOutDir: true, target: 'es2022', sourcemap: true },
  server: {
    proxy: {
      '^/(session|meetings|users|config\\.json)': platform,
      '^/(janus|system-messages)': { target: platform, ws: true },
    },
  },
});
