package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.tandem.base.UserError;
import io.tandem.table.TableClasses.Group;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class TableClassesTest {

  @Test
  void countsPicturesAndSkippedRows() {
    TableClasses classes =
        TableClasses.of(
            "t", List.of(ok(1, 5, "disc"), failed(1, 2), ok(0, 7, "ring"), failed(3, 4)));

    assertThat(classes).isEqualTo(new TableClasses(List.of("ring", "disc"), 12, 6));
  }

  @Test
  void namesClassesWithoutANameByTheirIds() {
    Group unnamed =
        new Group(true, Optional.of(1L), 3, Optional.empty(), Optional.empty(), Optional.of("ok"));

    assertThat(TableClasses.of("t", List.of(unnamed, ok(0, 2, "ring"))).names())
        .containsExactly("ring", "1");
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource
  void rejectsWhatIsNoDataSet(List<Group> groups, String message) {
    assertThatThrownBy(() -> TableClasses.of("t", groups))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot read data set 't': " + message);
  }

  static Stream<Arguments> rejectsWhatIsNoDataSet() {
    return Stream.of(
        arguments(List.of(), "it has no rows"),
        arguments(
            List.of(failed(0, 3), failed(1, 4)),
            "none of its 7 rows has status 'ok' (found: 'failed')"),
        arguments(
            List.of(new Group(false, Optional.of(0L), 3, noName(), noName(), Optional.empty())),
            "none of its 3 rows has status 'ok' (found: null)"),
        arguments(
            List.of(ok(0, 3, "disc"), failed(1, 4)),
            "it has one class, 0 (at least two are needed)"),
        arguments(
            List.of(
                ok(0, 3, "disc"),
                new Group(true, Optional.empty(), 4, noName(), noName(), Optional.empty())),
            "class_id is null in 4 of its rows (0 or more is needed)"),
        arguments(
            List.of(ok(0, 3, "disc"), ok(-1, 4, "ring")),
            "class_id is -1 in 4 of its rows (0 or more is needed)"),
        arguments(
            List.of(ok(1, 3, "disc"), ok(2, 3, "ring")),
            "no row has class_id 0 (each id from 0 to the largest, 2, is needed). Number the"
                + " classes without holes."),
        arguments(
            List.of(ok(0, 3, "disc"), ok(3, 3, "ring"), ok(5, 1, "star")),
            "no row has class_id 1, 2, 4 (each id from 0 to the largest, 5, is needed). Number the"
                + " classes without holes."),
        arguments(
            List.of(ok(0, 3, "disc"), ok(Long.MAX_VALUE - 1, 3, "ring")),
            "no row has class_id 1, 2, 3, 4, 5 and 9223372036854775800 more (each id from 0 to the"
                + " largest, 9223372036854775806, is needed). Number the classes without holes."),
        arguments(
            List.of(
                ok(0, 3, "disc"),
                new Group(
                    true,
                    Optional.of(1L),
                    4,
                    Optional.of("cat"),
                    Optional.of("dog"),
                    Optional.of("ok"))),
            "class_id 1 has the names 'cat' and 'dog' (one is needed)"));
  }

  private static Group ok(long classId, long rows, String name) {
    Optional<String> names = Optional.of(name);
    return new Group(true, Optional.of(classId), rows, names, names, Optional.of("ok"));
  }

  private static Group failed(long classId, long rows) {
    return new Group(false, Optional.of(classId), rows, noName(), noName(), Optional.of("failed"));
  }

  private static Optional<String> noName() {
    return Optional.empty();
  }
}
