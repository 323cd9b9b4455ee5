/** Name of the step of the document whose exit code is the runner's: GetCommandInvocation asks for four letters at least. */
export const HOST_STEP = 'runner';
