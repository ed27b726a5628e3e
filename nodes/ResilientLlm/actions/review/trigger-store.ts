import { TaskStoreError, type TaskStore } from '../../engine/store/task-store';
import type { CredentialSource } from '../../host/credentials';
import { openTaskStore } from '../../host/task-stores';
import { readChoice } from '../input/field-reader';
import { realStoreKinds } from '../../tasks/task-parameters';

/**
 * Opens the store chosen in a Review Trigger. Throws if its credential is missing or unusable. Callers log that like a
 * store that cannot be reached.
 */
export async function openReviewStore(source: CredentialSource, taskStore: unknown): Promise<TaskStore> {
	const kind = readChoice(taskStore, 'Task Store', realStoreKinds);
	const access = await openTaskStore(kind, source);
	if (access.kind === 'denied') throw new TaskStoreError(`${access.why}. ${access.advice}`);
	return access.tasks;
}
