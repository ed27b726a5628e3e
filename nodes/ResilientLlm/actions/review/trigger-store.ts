import { TaskStoreError, type TaskStore } from '../../engine/store/task-store';
import type { CredentialSource } from '../../host/credentials';
import { openTaskStore } from '../../host/task-stores';
import { readChoice } from '../input/field-reader';
import { realStoreKinds } from '../../tasks/task-parameters';

/**
 * The store that a Review Trigger names. A missing credential is told like a store that cannot be reached: in the log.
 */
export async function openReviewStore(source: CredentialSource, taskStore: unknown): Promise<TaskStore> {
	const kind = readChoice(taskStore, 'Task Store', realStoreKinds);
	const access = await openTaskStore(kind, source);
	if (access.kind === 'denied') throw new TaskStoreError(`${access.why}. ${access.advice}`);
	return access.tasks;
}
