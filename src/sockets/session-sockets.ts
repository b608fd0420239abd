import { HttpException, type INestApplication, InternalServerErrorException } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import type { Express, Request, Response } from 'express';
import { touchRow } from '../express-session/store/lasting-request.js';
import { internal } from '../enforcement/internals.js';
import { type RequestSession, type RequestState, stateOf } from '../enforcement/lifecycle/request-session.js';
import { SessionLifetime } from '../enforcement/lifecycle/session-lifetime.js';
import { SessionExpiredException } from '../enforcement/answer/session-expired.exception.js';
import { SessionFlow } from '../enforcement/session-flow.js';
import { auditedRequest } from '../enforcement/request/audited-request.js';
import { SessionEvents } from '../enforcement/timelines/events/session-events.js';
import { SETTINGS, type Settings } from '../options/settings.js';
import type { Reason } from '../policy/reason.js';
import { isFromForeignPage } from './origin.js';
import { foreignOrigin, type Refusal, refusalFor } from './refused-handshake.js';
import type { ResolvedSocketOptions } from './socket-options.js';
import { exceptionFor, storeFailed } from '../enforcement/answer/refusal.js';
import { log } from '../enforcement/timelines/events/log.js';

/** Records that the user of a socket is active. Returns false if the session has ended. */
type Active = () => Promise<boolean>;

/** The open sockets, of all applications in this process. */
const active = new WeakMap<object, Active>();

/** Reports activity of a socket's user. True if the message may be handled. */
export async function reportActivity(socket: object): Promise<boolean> {
  const connection = (socket as { readonly conn?: object }).conn ?? socket;
  return (await active.get(connection)?.()) ?? true;
}

/** The sessions of the sockets of one application. */
export class SessionSockets {
  private readonly settings: Settings;
  private readonly flow: SessionFlow;
  private readonly lifetime: SessionLifetime;
  private readonly events: SessionEvents;

  constructor(
    private readonly app: INestApplication,
    private readonly options: ResolvedSocketOptions,
  ) {
    const ref = app as unknown as ModuleRef;
    this.settings = internal(ref, SETTINGS);
    this.flow = internal(ref, SessionFlow);
    this.lifetime = internal(ref, SessionLifetime);
    this.events = internal(ref, SessionEvents);
    this.lifetime.guardsSockets = true;
  }

  /** Judges a handshake. Returns the refusal; `undefined` if the socket may open. Never rejects. */
  async judge(req: Request): Promise<Refusal | undefined> {
    try {
      this.makeExpress(req);
      if (isFromForeignPage(req, this.options.origins) && this.settings.mode === 'enforce') return this.reject(req);
      const state = stateOf(req);
      await this.load(req).catch((error: unknown) => this.handleFailure(state, error));
      const session = await this.flow.arrive(state);
      if (!session) this.flow.refuseIfSessionIsMissing(state);
      return this.refusalOf(session);
    } catch (error) {
      return refusalFor(this.exceptionOf(error));
    }
  }

  /**
   * Notes that a socket has opened. `end` is called once when its session ends. The application decides about anonymous
   * sockets.
   *
   * @returns a function to call when the socket has closed
   */
  open(socket: object, req: Request, end: (reason: Reason) => void): () => void {
    const state = stateOf(req);
    const stop = this.lifetime.onEnd(state, state.session, end, this.options.checkInterval);
    active.set(socket, async () => {
      const isAlive = await this.lifetime.active(state);
      if (isAlive) touchRow(req);
      return isAlive;
    });
    return () => {
      stop();
      active.delete(socket);
    };
  }

  private reject(req: Request): Refusal {
    this.events.note({ type: 'request-rejected', reason: 'cross-site' }, () => auditedRequest(req));
    return foreignOrigin();
  }

  private refusalOf(session: RequestSession | undefined): Refusal | undefined {
    if (session?.kind !== 'ended' || this.settings.mode === 'report') return undefined;
    return refusalFor(new SessionExpiredException(session.reason, this.settings.messages[session.reason]));
  }

  /**
   * Makes the request one of Express, so that functions of the application, such as `limitsFor`, work as for other
   * requests.
   */
  private makeExpress(req: Request): void {
    const express = this.app.getHttpAdapter().getInstance() as Express;
    Object.setPrototypeOf(req, express.request);
    req.originalUrl ??= req.url;
  }

  /** Lets express-session find the session. There is no answer that could carry a cookie. */
  private load(req: Request): Promise<void> {
    return new Promise((resolve, reject) => {
      void this.options.session(req, {} as Response, (error: unknown) => (error ? reject(error) : resolve()));
    });
  }

  /**
   * Handles a failure of express-session to find the session of a handshake. If its row cannot be read, the session ends
   * when it is judged.
   */
  private async handleFailure(state: RequestState, error: unknown): Promise<void> {
    if (!state.http.isMissing) throw error;
    this.flow.stores.take(state.http.store);
    const fault = await state.http.findFault(error);
    if (fault === 'in the row' && this.settings.mode === 'enforce') return;
    if (fault !== 'in the store') throw error;
    throw storeFailed(state.req, undefined, error);
  }

  private exceptionOf(error: unknown): HttpException {
    const exception = exceptionFor(undefined, error);
    if (exception instanceof HttpException) return exception;
    log.error('The handshake of a socket failed', error);
    return new InternalServerErrorException();
  }
}
