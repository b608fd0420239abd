import { NestFactory } from '@nestjs/core';
import { AppModule } from './app.module.js';
import { setUp } from './set-up.js';

const app = await NestFactory.create(AppModule);
setUp(app);
await app.listen(process.env.PORT ?? 3000);
