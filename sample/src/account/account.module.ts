import { Module } from '@nestjs/common';
import { AuthModule } from '../auth/auth.module.js';
import { ConfirmController } from './confirm.controller.js';
import { DetailsController } from './details.controller.js';
import { DevicesController } from './devices.controller.js';

@Module({ imports: [AuthModule], controllers: [DevicesController, DetailsController, ConfirmController] })
export class AccountModule {}
