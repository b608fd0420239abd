import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const server = 'http://localhost:3000';

export default defineConfig({
  plugins: [react()],
  build: { outDir: 'dist/web' },
  // The routes of the module have to be on the origin of the page, also while you develop.
  server: { proxy: { '/api': server, '/session': server } },
});
