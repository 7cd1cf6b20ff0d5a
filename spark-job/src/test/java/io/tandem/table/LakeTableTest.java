package io.tandem.table;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.UserError;
import io.tandem.table.LakeTable.Format;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LakeTableTest {

  private final ClassLoader before = Thread.currentThread().getContextClassLoader();

  @AfterEach
  void giveTheClassesBack() {
    Thread.currentThread().setContextClassLoader(before);
  }

  @Test
  void namesAndAddressesAreQuotedForSql() {
    assertThat(new LakeTable(Format.ICEBERG, "lake.sets.shapes-2").sql())
        .isEqualTo("`lake`.`sets`.`shapes-2`");
    assertThat(new LakeTable(Format.ICEBERG, "lake.sets.shapes").database())
        .containsExactly("`lake`", "`sets`");
    assertThat(new LakeTable(Format.DELTA, "s3a://lake/it`s").sql())
        .isEqualTo("delta.`s3a://lake/it``s`");
  }

  @Test
  void readsWhatItWrote() {
    LakeTable table = new LakeTable(Format.DELTA, "file:/sets/a:b");

    assertThat(LakeTable.parse(table.toString())).isEqualTo(table);
    assertThatThrownBy(() -> LakeTable.parse("hudi:sets.shapes"))
        .isInstanceOf(UserError.class)
        .hasMessage("Cannot use table 'hudi:sets.shapes' (delta:NAME or iceberg:NAME)");
  }

  @Test
  void rejectsWhatNamesNoTable() {
    assertThatThrownBy(() -> new LakeTable(Format.ICEBERG, "shapes"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to Iceberg table 'shapes': it is no name of a table"
                + " (catalog.database.table). Correct --out.");
    assertThatThrownBy(() -> new LakeTable(Format.ICEBERG, "s3a://lake/shapes"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to Iceberg table 's3a://lake/shapes': it is no name of a table"
                + " (catalog.database.table). Correct --out.");
    assertThatThrownBy(() -> new LakeTable(Format.DELTA, "sets..shapes"))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to Delta table 'sets..shapes': it is no name of a table (database.table,"
                + " catalog.database.table or the address of a folder). Correct --out.");
  }

  @Test
  void namesThePackageThatIsMissing() {
    withoutClasses();

    assertThatThrownBy(() -> new LakeTable(Format.DELTA, "/sets/shapes").checkSettings(Map.of()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to Delta table '/sets/shapes': there is no class"
                + " io.delta.sql.DeltaSparkSessionExtension (it is in the package"
                + " io.delta:delta-spark_2.12:3.3.2). Pass --packages"
                + " io.delta:delta-spark_2.12:3.3.2 to spark-submit, or its jars to tandem in"
                + " TANDEM_CLASSPATH.");
    assertThatThrownBy(
            () -> new LakeTable(Format.ICEBERG, "lake.sets.shapes").checkSettings(Map.of()))
        .isInstanceOf(UserError.class)
        .hasMessage(
            "Cannot write to Iceberg table 'lake.sets.shapes': there is no class"
                + " org.apache.iceberg.spark.SparkCatalog (it is in the package"
                + " org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0). Pass --packages"
                + " org.apache.iceberg:iceberg-spark-runtime-3.5_2.12:1.10.0 to spark-submit, or"
                + " its jars to tandem in TANDEM_CLASSPATH.");
  }

  private static void withoutClasses() {
    Thread.currentThread()
        .setContextClassLoader(
            new ClassLoader(null) {
              @Override
              protected Class<?> findClass(String name) throws ClassNotFoundException {
                throw new ClassNotFoundException(name);
              }
            });
  }
}
