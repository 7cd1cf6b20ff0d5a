/**
 * Faults for tests: a file system that fails or ends the JVM at a chosen step, and files that are
 * damaged. Start at {@link io.tandem.fault.FaultFileSystem}.
 */
package io.tandem.fault;
