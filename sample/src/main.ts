import 'reflect-metadata';
import { Logger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { AppModule } from './app.module.js';
import { setUp } from './app.setup.js';

// Closes live streams too. Otherwise the application would wait for them when it stops.
const app = await NestFactory.create<NestExpressApplication>(AppModule, { forceCloseConnections: true });
setUp(app);
app.enableShutdownHooks();

const port = process.env['PORT'] ?? 3000;
await app.listen(port);
Logger.log(`The intranet is at http://localhost:${port}`, 'Sample');
