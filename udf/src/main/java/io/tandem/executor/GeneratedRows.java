package io.tandem.executor;

import io.tandem.generate.BatchRequest;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.spark.TaskKilledException;
import org.apache.spark.sql.Row;

/**
 * The rows of one partition, made while they are taken. Used by the thread of the task; {@link
 * #close} does nothing the second time.
 */
final class GeneratedRows implements Iterator<Row>, AutoCloseable {

  private final DecodeWork work;
  private final Iterator<Long> batches;
  private final TaskSite site;
  private final Deque<Row> rows = new ArrayDeque<>();

  /** Absent before the first row is asked for, and after the last. */
  private Optional<DecodeWorkers> workers = Optional.empty();

  /** The batch that is decoded while the rows of the one before it are taken. */
  private Optional<Future<List<DecodedPart>>> decoding = Optional.empty();

  private boolean begun;
  private boolean ended;

  GeneratedRows(DecodeWork work, Iterator<Long> batches, TaskSite site) {
    this.work = work;
    this.batches = batches;
    this.site = site;
  }

  @Override
  public boolean hasNext() {
    try {
      while (rows.isEmpty() && !ended) {
        nextBatch();
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
    return !rows.isEmpty();
  }

  @Override
  public Row next() {
    if (!hasNext()) {
      throw new NoSuchElementException("The partition has no more rows");
    }
    return rows.remove();
  }

  private void nextBatch() {
    checkIsWanted();
    if (!begun) {
      begun = true;
      if (batches.hasNext()) {
        site.signals().whenTaskEnds().accept(this::close);
        workers = Optional.of(DecodeWorkers.start(work, site));
        decoding = submitNext();
      }
    }
    if (decoding.isEmpty()) {
      close();
      return;
    }
    List<DecodedPart> parts = result(decoding.get());
    decoding = submitNext();
    for (DecodedPart part : parts) {
      rows.addAll(workers.orElseThrow().rows(part));
    }
  }

  private Optional<Future<List<DecodedPart>>> submitNext() {
    if (!batches.hasNext()) {
      return Optional.empty();
    }
    // labels are read here, in the thread that Spark knows
    GenerateSpec.Sampling sampling = work.group().sampling();
    BatchRequest request = sampling.batches().request(sampling.seed(), batches.next());
    return Optional.of(workers.orElseThrow().decode(request));
  }

  private static List<DecodedPart> result(Future<List<DecodedPart>> future) {
    try {
      return future.get();
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CancellationException) {
        throw new TaskKilledException("told to stop while a batch was decoded");
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    }
  }

  private void checkIsWanted() {
    if (site.signals().isKilled().getAsBoolean()) {
      throw new TaskKilledException("told to stop");
    }
  }

  static TaskKilledException interrupted() {
    Thread.currentThread().interrupt();
    return new TaskKilledException("interrupted");
  }

  /** Ends the decode after its running scale, and gives everything back. */
  @Override
  public void close() {
    ended = true;
    workers.ifPresent(DecodeWorkers::close);
    workers = Optional.empty();
    decoding = Optional.empty();
  }
}
