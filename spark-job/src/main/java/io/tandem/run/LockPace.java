package io.tandem.run;

import java.time.Duration;

/**
 * How often the owner of a lock shows that it lives, and how long it is believed.
 *
 * @param beat from one heartbeat to the next
 * @param fresh age of the last heartbeat up to which the owner is taken for alive; several times
 *     {@code beat}
 * @param watched how long a heartbeat that looks old is watched before it is called dead; more than
 *     {@code beat}
 */
record LockPace(Duration beat, Duration fresh, Duration watched) {

  static final LockPace USUAL =
      new LockPace(Duration.ofSeconds(10), Duration.ofSeconds(60), Duration.ofSeconds(25));
}
