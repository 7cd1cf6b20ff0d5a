package io.tandem.executor;

/** What rows of images say of the run that they belong to. */
enum RowShape {
  /** Its name alone: {@link ImagesSchema#schema}. */
  OF_ONE_RUN,
  /** Its number in the group as well: {@link ImagesSchema#ofGroup}. */
  WITH_RUN
}
