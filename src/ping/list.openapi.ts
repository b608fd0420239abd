/** A duration in an OpenAPI document. */
export const secondsSchema = (description: string) => ({
  type: 'number',
  minimum: 0,
  description: `${description}, in seconds`,
});

const device = {
  type: 'object',
  description: 'What the option `describeDevice` returned when the session started',
  properties: {
    browser: { type: 'string', example: 'Firefox' },
    system: { type: 'string', example: 'Windows' },
    kind: { type: 'string', enum: ['desktop', 'mobile', 'tablet', 'other'] },
    address: { type: 'string', description: 'Only if the application adds it' },
  },
};

const listed = {
  type: 'object',
  required: ['id', 'current', 'age', 'idleFor', 'authAge', 'expiresIn'],
  properties: {
    id: { type: 'string', description: 'The hash of the session, which gives no access to it' },
    current: { type: 'boolean', description: 'Whether it is the session of the request' },
    age: secondsSchema('Time since sign-in'),
    idleFor: secondsSchema('Time since the last activity'),
    authAge: { ...secondsSchema('Time since the user last authenticated; null for never'), nullable: true },
    expiresIn: {
      ...secondsSchema('Time until the session ends if there is no activity; null if nothing ends it'),
      nullable: true,
    },
    device,
  },
};

/** The reply of `GET /session/list`. */
export const listReply = {
  title: 'SessionList',
  type: 'object',
  required: ['max', 'sessions'],
  properties: {
    max: {
      type: 'integer',
      minimum: 1,
      nullable: true,
      description: 'How many sessions the user may have; null for any number',
    },
    sessions: { type: 'array', items: listed },
  },
};

/** The reply of `DELETE /session/list`. */
export const endedReply = {
  title: 'EndedSessions',
  type: 'object',
  required: ['ended'],
  properties: { ended: { type: 'integer', minimum: 0, description: 'How many sessions this request has ended' } },
};

/** An answer that refuses a request about the list. */
export const problemReply = {
  title: 'SessionListProblem',
  type: 'object',
  required: ['title', 'status', 'detail', 'code'],
  properties: {
    title: { type: 'string', example: 'Not Found' },
    status: { type: 'integer', example: 404 },
    detail: { type: 'string' },
    code: { type: 'string', enum: ['SESSION_NOT_FOUND', 'SESSION_LIST_UNAVAILABLE'] },
  },
};
