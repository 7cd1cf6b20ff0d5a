package io.tandem.table;

import static io.tandem.base.Checks.check;
import static org.apache.spark.sql.functions.col;

import io.tandem.base.UserError;
import io.tandem.run.RunFolder;
import io.tandem.run.RunManifest;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SQLContext;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.sources.BaseRelation;
import org.apache.spark.sql.sources.DataSourceRegister;
import org.apache.spark.sql.sources.RelationProvider;
import scala.Option;
import scala.collection.immutable.Map;

/**
 * The pictures of a run as Spark ML and DJL's Spark extension take them: {@code
 * spark.read().format("tandem").option("view", VIEW).load(RUN)}.
 *
 * <table>
 * <caption>Views</caption>
 * <tr><th>view</th><th>columns</th></tr>
 * <tr><td>{@code flattened} (default)</td><td>{@code origin, height, width, nChannels, mode, data},
 * the fields of Spark's image struct, in this order and before all others, as the vision tasks of
 * DJL's Spark extension take them</td></tr>
 * <tr><td>{@code image}</td><td>{@code image}, the same as one struct, as Spark ML takes it</td></tr>
 * <tr><td>{@code npz}</td><td>{@code npz}, a file of the array {@code image}, float32 [3, height,
 * width] in [0, 1], which DJL's {@code BinaryPredictor} decodes; with its batchifier {@code stack}
 * the model gets [1, 3, height, width]</td></tr>
 * </table>
 *
 * <p>Then follow {@code sample_index}, {@code class_id} and {@code class_name}. {@code origin} is
 * the name of the picture within the run, {@code data} is blue, green and red of each pixel, row by
 * row from the top left. One row for each sample of a committed wave that has a picture, in no
 * order. Pictures are decoded where they are read, and only if their column is asked for; one that
 * is not that of its digest fails the query. Opening reads the records of the waves.
 */
public final class RunSource implements RelationProvider, DataSourceRegister {

  /** For Spark, which finds this class by its short name. */
  public RunSource() {}

  @Override
  public String shortName() {
    return "tandem";
  }

  /**
   * Opens the run at {@code path}.
   *
   * @throws UserError if there is none, it keeps no pictures or has no committed wave, or there is
   *     no such view
   */
  @Override
  public BaseRelation createRelation(SQLContext context, Map<String, String> parameters) {
    PictureView view =
        PictureView.named(text(parameters, "view", PictureView.FLATTENED.toString()));
    String run = text(parameters, "path", "");
    check(
        !run.isEmpty(),
        "Cannot read a run: no path was given (the folder that generate wrote to is needed). Pass"
            + " it to load.");
    Dataset<Row> images = images(context.sparkSession(), run);
    Dataset<Row> rows = images.filter(col("format").isNotNull()).select(view.selected());
    return new RunRelation(context, rows, view.schema());
  }

  private static String text(Map<String, String> parameters, String name, String otherwise) {
    Option<String> value = parameters.get(name);
    return value.isDefined() ? value.get() : otherwise;
  }

  /** Returns the table of images, as far as waves are committed. */
  private static Dataset<Row> images(SparkSession session, String run) {
    Configuration settings = session.sparkContext().hadoopConfiguration();
    List<Path> files = new ArrayList<>();
    String root;
    try (RunFolder folder = RunFolder.openToRead(run, settings)) {
      RunManifest manifest = folder.manifest().orElseThrow();
      check(
          !"none".equals(manifest.settings().options().get("image-format")),
          "Cannot read the pictures of run '%s': it keeps none (it was made with --image-format"
              + " none). Make it again with --image-format png.",
          folder);
      folder
          .records(manifest)
          .forEach(
              record ->
                  record.files().images().stream()
                      .filter(file -> file.rows() > 0)
                      .map(file -> new Path(folder.images(record.wave().number()), file.name()))
                      .forEach(files::add));
      check(
          !files.isEmpty(),
          "Cannot read the pictures of run '%s': it has no committed wave. Make it with generate.",
          folder);
      root = folder.root().toString();
    }
    return ParquetSource.ofFiles(session, "run '" + run + "'", root, files).table();
  }
}
