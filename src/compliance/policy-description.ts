import { type PolicyInForce, type Requirement, requirements, type RequirementState } from './requirements.js';

/** How a requirement of a standard stands under the settings in force. */
export interface RequirementStatus extends Omit<Requirement, 'judge'> {
  readonly state: RequirementState;
  readonly because: string;
}

/** What is in force, for auditors: plain data, to be written down as JSON. Durations in milliseconds. */
export interface PolicyDescription extends PolicyInForce {
  readonly requirements: readonly RequirementStatus[];
}

const LIMITS: ReadonlySet<string> = new Set(['idleTimeout', 'absoluteTimeout', 'warnBefore']);

/** Describes the settings in force, and how the requirements of the standards stand under them. */
export function describePolicy(policy: PolicyInForce): PolicyDescription {
  return { ...policy, requirements: requirements.map((requirement) => statusOf(requirement, policy)) };
}

function statusOf({ judge, ...requirement }: Requirement, policy: PolicyInForce): RequirementStatus {
  const [state, because] = judge(policy);
  const varies = state === 'met' && policy.limitsVary && requirement.options.some((name) => LIMITS.has(name));
  return varies
    ? { ...requirement, state: 'depends', because: `${because} limitsFor may set other limits for some sessions.` }
    : { ...requirement, state, because };
}
