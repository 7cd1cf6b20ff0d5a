package io.tandem.executor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

/** The threads that tasks start. */
final class TaskThreads {

  private TaskThreads() {}

  /** Passes if those that decode wait for the next task, and no others are left. */
  static void assertIdle() {
    Map<Thread, StackTraceElement[]> threads = Thread.getAllStackTraces();
    assertThat(threads)
        .allSatisfy(
            (thread, frames) -> {
              if (thread.getName().startsWith("tandem-decode-")) {
                assertThat(frames)
                    .noneMatch(frame -> frame.getClassName().equals(BatchDecoder.class.getName()));
              } else {
                assertThat(thread.getName()).doesNotStartWith("tandem-");
              }
            });
  }
}
