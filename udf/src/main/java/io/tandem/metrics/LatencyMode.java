package io.tandem.metrics;

/** What latencies mean. */
public enum LatencyMode {
  /** Execution time: the device is drained before each reading of the clock. */
  SYNC,
  /** Time to enqueue the work; on a processor, which queues nothing, execution time. */
  LAUNCH,
  /** Nothing is timed; every latency is 0. */
  OFF
}
