package io.tandem.table;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.schema.Type;

/** Values of rows as Parquet hands them over; null is a value that is not there. */
final class Cell {

  private Cell() {}

  /** Says whether there is a value; files of earlier versions may lack the column. */
  static boolean has(Group row, String column) {
    return row.getType().containsField(column) && row.getFieldRepetitionCount(column) > 0;
  }

  static Optional<Group> struct(Group row, String column) {
    return has(row, column) ? Optional.of(row.getGroup(column, 0)) : Optional.empty();
  }

  static Optional<String> text(Group row, String column) {
    return has(row, column) ? Optional.of(row.getString(column, 0)) : Optional.empty();
  }

  static Optional<byte[]> bytes(Group row, String column) {
    return has(row, column) ? Optional.of(row.getBinary(column, 0).getBytes()) : Optional.empty();
  }

  /** Returns the elements of a list of structs in the standard layout, none if it is null. */
  static List<Group> structs(Group row, String column) {
    if (!has(row, column)) {
      return List.of();
    }
    Group list = row.getGroup(column, 0);
    return IntStream.range(0, list.getFieldRepetitionCount(0))
        .mapToObj(i -> list.getGroup(0, i).getGroup(0, 0))
        .toList();
  }

  /** Returns the value of a column of integers, booleans or text as Spark takes it. */
  static Object value(Group row, String column) {
    if (!has(row, column)) {
      return null;
    }
    Type type = row.getType().getType(column);
    return switch (type.asPrimitiveType().getPrimitiveTypeName()) {
      case INT32 -> (Object) row.getInteger(column, 0);
      case INT64 -> row.getLong(column, 0);
      case BOOLEAN -> row.getBoolean(column, 0);
      case BINARY -> row.getString(column, 0);
      default -> throw new IllegalArgumentException("column '" + column + "' is " + type);
    };
  }
}
