package io.tandem.table;

import static io.tandem.base.Checks.check;

import io.tandem.base.UserError;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The classes of a table of pictures.
 *
 * @param names the name of each class, in the order of the class ids
 * @param pictures rows with a picture
 * @param skipped rows that say that they have none
 */
record TableClasses(List<String> names, long pictures, long skipped) {

  private static final int SHOWN = 5;

  TableClasses {
    names = List.copyOf(names);
  }

  /**
   * The rows of a table with one class id.
   *
   * @param usable whether their status is ok
   * @param classId none if the column is null
   * @param rows how many there are
   * @param firstName the first of their class names, in the order of names
   * @param lastName the last of them
   * @param status the first status of theirs, in the order of statuses
   */
  record Group(
      boolean usable,
      Optional<Long> classId,
      long rows,
      Optional<String> firstName,
      Optional<String> lastName,
      Optional<String> status) {}

  /**
   * Returns the classes that groups make up.
   *
   * @param table what messages call the table
   * @throws UserError if there are no rows, fewer than two classes, rows without a class, negative
   *     ids, ids without a picture below the largest one, or several names for a class
   */
  static TableClasses of(String table, List<Group> groups) {
    List<Group> usable =
        groups.stream()
            .filter(Group::usable)
            .sorted(Comparator.comparing(group -> group.classId().orElse(Long.MIN_VALUE)))
            .toList();
    long pictures = usable.stream().mapToLong(Group::rows).sum();
    long skipped = groups.stream().mapToLong(Group::rows).sum() - pictures;
    if (usable.isEmpty()) {
      throw noRows(table, groups, skipped);
    }
    checkIds(table, usable);
    return new TableClasses(
        usable.stream().map(group -> name(table, group)).toList(), pictures, skipped);
  }

  private static UserError noRows(String table, List<Group> groups, long skipped) {
    if (skipped == 0) {
      return UserError.of("Cannot read data set '%s': it has no rows", table);
    }
    String found =
        groups.stream()
            .flatMap(group -> group.status().stream())
            .distinct()
            .sorted()
            .limit(SHOWN)
            .map(status -> "'" + status + "'")
            .collect(Collectors.joining(", "));
    return UserError.of(
        "Cannot read data set '%s': none of its %d rows has status 'ok' (found: %s)",
        table, skipped, found.isEmpty() ? "null" : found);
  }

  private static void checkIds(String table, List<Group> groups) {
    Group first = groups.get(0);
    check(
        first.classId().isPresent(),
        "Cannot read data set '%s': class_id is null in %d of its rows (0 or more is needed)",
        table,
        first.rows());
    check(
        first.classId().get() >= 0,
        "Cannot read data set '%s': class_id is %d in %d of its rows (0 or more is needed)",
        table,
        first.classId().get(),
        first.rows());
    check(
        groups.size() > 1,
        "Cannot read data set '%s': it has one class, %d (at least two are needed)",
        table,
        first.classId().get());
    checkHoles(table, groups);
  }

  private static void checkHoles(String table, List<Group> groups) {
    long last = groups.get(groups.size() - 1).classId().get();
    long missing = last + 1 - groups.size();
    if (missing == 0) {
      return;
    }
    List<String> shown = new ArrayList<>();
    long next = 0;
    for (Group group : groups) {
      for (; next < group.classId().get() && shown.size() < SHOWN; next++) {
        shown.add(Long.toString(next));
      }
      next = group.classId().get() + 1;
    }
    throw UserError.of(
        "Cannot read data set '%s': no row has class_id %s%s (each id from 0 to the largest, %d, is"
            + " needed). Number the classes without holes.",
        table,
        String.join(", ", shown),
        missing > shown.size() ? " and " + (missing - shown.size()) + " more" : "",
        last);
  }

  private static String name(String table, Group group) {
    check(
        group.firstName().equals(group.lastName()),
        "Cannot read data set '%s': class_id %d has the names '%s' and '%s' (one is needed)",
        table,
        group.classId().get(),
        group.firstName().orElse(""),
        group.lastName().orElse(""));
    return group.firstName().orElseGet(() -> Long.toString(group.classId().get()));
  }
}
