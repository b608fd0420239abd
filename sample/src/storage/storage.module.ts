import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { memoryStorage } from './memory-storage.js';
import { Storage } from './storage.js';

@Global()
@Module({
  providers: [{ provide: Storage, useFactory: openStorage }],
  exports: [Storage],
})
export class StorageModule implements OnApplicationShutdown {
  constructor(private readonly storage: Storage) {}

  async onApplicationShutdown(): Promise<void> {
    await this.storage.close();
  }
}

async function openStorage(): Promise<Storage> {
  const url = process.env['REDIS_URL'];
  if (!url) return memoryStorage();
  const { redisStorage } = await import('./redis-storage.js');
  return redisStorage(url);
}
