/** The workspace in which every rule of the deployment starts runs and collects (lib/infra/constructs/schedules.ts). */
export const SCHEDULED_WORKSPACE = 'default';
