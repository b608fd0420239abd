import type { PolicyInForce, Requirement, RequirementState } from './requirement.js';
import { requirements } from './requirements.js';

/** A requirement of a standard, and whether the settings in force meet it. */
export interface RequirementStatus extends Omit<Requirement, 'judge'> {
  /** Whether the requirement is met. */
  readonly state: RequirementState;
  /** Why it is met or not, or on what it depends. */
  readonly because: string;
}

/** The settings in force, for auditors. They are plain data, ready to be written as JSON. Durations in milliseconds. */
export interface PolicyDescription extends PolicyInForce {
  /** The requirements of all standards, with their state. */
  readonly requirements: readonly RequirementStatus[];
}

const LIMITS: ReadonlySet<string> = new Set(['idleTimeout', 'absoluteTimeout', 'warnBefore']);

/** Describes the settings in force, and which requirements of the standards they meet. */
export function describePolicy(policy: PolicyInForce): PolicyDescription {
  return { ...policy, requirements: requirements.map((requirement) => statusOf(requirement, policy)) };
}

function statusOf({ judge, ...requirement }: Requirement, policy: PolicyInForce): RequirementStatus {
  if (policy.mode === 'report') {
    return { ...requirement, state: 'not-met', because: 'Nothing is enforced, because mode is "report".' };
  }
  const [state, because] = judge(policy);
  const varies = state === 'met' && policy.limitsVary && requirement.options.some((name) => LIMITS.has(name));
  return varies
    ? { ...requirement, state: 'depends', because: `${because} limitsFor may set other limits for some sessions.` }
    : { ...requirement, state, because };
}
