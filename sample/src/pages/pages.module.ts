import { Module } from '@nestjs/common';
import { DashboardController } from './dashboard.controller.js';
import { VisitorsController } from './visitors.controller.js';

@Module({ controllers: [DashboardController, VisitorsController] })
export class PagesModule {}
