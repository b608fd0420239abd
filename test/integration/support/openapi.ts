// Prints the OpenAPI document of an application. A process of its own: Jest on Node 20 requires no ES modules.
import 'reflect-metadata';
import { Controller, Delete, Get, HttpCode, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApiResponse, DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { AllowExpired, SessionTimeoutModule } from 'nestjs-session-timeout';

@Controller('notes')
class NotesController {
  @Get()
  all() {}

  @Delete()
  @ApiResponse({ status: 404, description: 'No such note' })
  remove() {}
}

@Controller('auth')
class AuthController {
  @Post('login')
  @AllowExpired()
  login() {}

  @Post('logout')
  @HttpCode(204)
  logout() {}

  @Get('me')
  @ApiResponse({ status: 401, description: 'In our own words' })
  me() {}
}

@Controller('public')
@AllowExpired()
class PublicController {
  @Get()
  all() {}
}

@Module({
  imports: [SessionTimeoutModule.forRoot()],
  controllers: [NotesController, AuthController, PublicController],
})
class AppModule {}

const app = await NestFactory.create(AppModule, { logger: false });
process.stdout.write(JSON.stringify(SwaggerModule.createDocument(app, new DocumentBuilder().build())));
await app.close();
