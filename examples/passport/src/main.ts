import { NestFactory } from '@nestjs/core';
import session from 'express-session';
import passport from 'passport';
import { AppModule } from './app.module.js';

const app = await NestFactory.create(AppModule);
const secret = process.env.SESSION_SECRET ?? 'for development only';
app.use(session({ secret, resave: false, saveUninitialized: false }));
app.use(passport.session());
await app.listen(process.env.PORT ?? 3000);
