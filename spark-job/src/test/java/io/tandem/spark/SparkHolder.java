package io.tandem.spark;

import java.util.List;
import org.apache.spark.sql.Encoders;

/** A program that runs a job, then holds the session until it is told to end. */
final class SparkHolder {

  private SparkHolder() {}

  public static void main(String[] args) throws InterruptedException {
    EmbeddedSpark spark = EmbeddedSpark.open(1);
    spark.session().createDataset(List.of("counted"), Encoders.STRING()).repartition(2).count();
    System.out.println("ready");
    Thread.sleep(60_000);
  }
}
