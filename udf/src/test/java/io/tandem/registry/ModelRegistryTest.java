package io.tandem.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tandem.base.HopelessException;
import io.tandem.base.UserError;
import io.tandem.engine.Machine;
import io.tandem.generate.ModelSet;
import io.tandem.kernel.NativeScope;
import io.tandem.model.DeviceSpec;
import io.tandem.model.Precision;
import io.tandem.model.ScaleSchedule;
import io.tandem.testing.GoldenCase;
import io.tandem.testing.SingleThread;
import io.tandem.transformer.VarTransformer;
import io.tandem.vq.Tokenizer;
import io.tandem.weights.WeightSource;
import io.tandem.weights.WeightSources;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(SingleThread.class)
class ModelRegistryTest {

  private static final GoldenCase GOLDEN = GoldenCase.tiny();
  private static final int TASKS = 16;

  private final CountingLoader loader = new CountingLoader();
  private final ModelRegistry registry = new ModelRegistry(loader);
  private long valuesBefore;

  @BeforeEach
  void count() {
    valuesBefore = NativeScope.liveValues();
  }

  @AfterEach
  void close() {
    registry.close();
    assertThat(NativeScope.liveValues()).isEqualTo(valuesBefore);
  }

  @Test
  void sixteenTasksLoadEachModelOnce() throws Exception {
    List<ModelSet> sets = Collections.synchronizedList(new ArrayList<>());

    together(
        () -> {
          try (ModelLease lease = registry.lend(request("drafter", "refiner"))) {
            return sets.add(lease.models());
          }
        });

    assertThat(loader.loads).containsExactlyInAnyOrder("drafter", "refiner", "vae");
    assertThat(sets).hasSize(TASKS);
    assertThat(sets)
        .allSatisfy(
            set -> {
              assertThat(set.transformer("drafter")).isSameAs(sets.get(0).transformer("drafter"));
              assertThat(set.transformer("refiner")).isSameAs(sets.get(0).transformer("refiner"));
              assertThat(set.tokenizer()).isSameAs(sets.get(0).tokenizer());
            });
  }

  @Test
  void aFailedLoadFailsAllWhoWaitAndIsTriedAgain() throws Exception {
    loader.failure = new UserError("the disk is on fire");
    List<String> messages = Collections.synchronizedList(new ArrayList<>());
    CountDownLatch waiting = new CountDownLatch(TASKS);
    loader.before = waiting;

    together(
        () -> {
          waiting.countDown();
          try (ModelLease lease = registry.lend(request("drafter"))) {
            return lease;
          } catch (UserError e) {
            return messages.add(e.getMessage());
          }
        });

    assertThat(messages).hasSize(TASKS).containsOnly("the disk is on fire");
    assertThat(registry.models()).isZero();
    loader.failure = null;
    try (ModelLease lease = registry.lend(request("drafter"))) {
      assertThat(lease.models().classes()).isEqualTo(10);
    }
  }

  @Test
  void aTokeniserThatFailsGivesTheTransformersBack() throws Exception {
    loader.failedName = "vae";
    loader.failure = new IllegalStateException("no tokeniser");

    assertThatThrownBy(() -> registry.lend(request("drafter"))).hasMessage("no tokeniser");

    loader.failure = null;
    registry.lend(request("refiner")).close();
    assertThat(registry.models()).isEqualTo(2);
  }

  @Test
  void setsThatShareAModelShareItsCopy() throws Exception {
    try (ModelLease both = registry.lend(request("drafter", "refiner"));
        ModelLease one = registry.lend(request("refiner"))) {
      assertThat(one.models().transformer("refiner"))
          .isSameAs(both.models().transformer("refiner"));
      assertThat(one.models().tokenizer()).isSameAs(both.models().tokenizer());
    }
    assertThat(loader.loads).hasSize(3);
  }

  @Test
  void twoNamesOfOneFileAreOneCopy() throws Exception {
    ModelFile drafter = file("drafter");
    ModelFile again = new ModelFile("again", drafter.location(), drafter.sha256());
    ModelRequest request =
        new ModelRequest(List.of(drafter, again), file("vae"), Precision.FP32, DeviceSpec.CPU, 1);

    try (ModelLease lease = registry.lend(request)) {
      assertThat(lease.models().transformer("again"))
          .isSameAs(lease.models().transformer("drafter"));
    }
  }

  @Test
  void idleModelsStayForTheNextWave() throws Exception {
    registry.lend(request("drafter", "refiner")).close();

    registry.lend(request("refiner", "drafter")).close();

    assertThat(loader.loads).hasSize(3);
    assertThat(registry.models()).isEqualTo(3);
  }

  @Test
  void idleModelsMakeRoomForOthersUnlessTheyAreNamed() throws Exception {
    registry.lend(request("drafter")).close();
    long drafterAndTokeniser = NativeScope.liveValues();

    registry.lend(request("refiner")).close();

    assertThat(registry.models()).isEqualTo(2);
    assertThat(NativeScope.liveValues()).isEqualTo(drafterAndTokeniser);
    registry.lend(request("drafter")).close();
    assertThat(loader.loads).containsExactly("drafter", "vae", "refiner", "drafter");
  }

  @Test
  void modelsInUseStay() throws Exception {
    try (ModelLease used = registry.lend(request("drafter"))) {
      registry.lend(request("refiner")).close();

      assertThat(registry.models()).isEqualTo(3);
      assertThat(used.models().classes()).isEqualTo(10);
    }
  }

  @Test
  void aLeaseThatIsClosedTwiceIsGivenBackOnce() throws Exception {
    ModelLease twice = registry.lend(request("drafter"));
    try (ModelLease other = registry.lend(request("drafter"))) {
      twice.close();
      twice.close();

      registry.lend(request("refiner")).close();

      assertThat(other.models().transformer("drafter").config().depth()).isEqualTo(2);
      assertThat(registry.models()).isEqualTo(3);
    }
  }

  @Test
  void aSetOfTheRegistryFreesNothingWhenItIsClosed() throws Exception {
    try (ModelLease lease = registry.lend(request("drafter"))) {
      long values = NativeScope.liveValues();

      lease.models().close();

      assertThat(NativeScope.liveValues()).isEqualTo(values);
    }
  }

  @Test
  void anotherPrecisionIsAnotherCopy() throws Exception {
    ModelRequest full = request("drafter");
    ModelRequest half =
        new ModelRequest(full.transformers(), full.tokeniser(), Precision.BF16, DeviceSpec.CPU, 1);

    try (ModelLease one = registry.lend(full);
        ModelLease other = registry.lend(half)) {
      assertThat(registry.models()).isEqualTo(4);
      assertThat(one.models()).isNotSameAs(other.models());
    }
  }

  @Test
  void theFirstBatchWarmsUp() throws Exception {
    try (ModelLease lease = registry.lend(request("drafter"));
        ModelLease same = registry.lend(request("drafter"))) {
      assertThat(lease.claimWarmUp()).isTrue();
      assertThat(lease.claimWarmUp()).isFalse();
      assertThat(same.claimWarmUp()).isFalse();
    }
    try (ModelLease more = registry.lend(request("drafter", "refiner"))) {
      assertThat(more.claimWarmUp()).isTrue();
    }
  }

  @Test
  void loadingTimesAreKept() throws Exception {
    registry.lend(request("drafter")).close();

    assertThat(registry.loadings())
        .extracting(loading -> loading.file().name())
        .containsExactly("drafter", "vae");
    assertThat(registry.loadings()).allSatisfy(l -> assertThat(l.seconds()).isPositive());
  }

  @Test
  void namesHostFileAndBothDigestsOfOtherWeights() {
    ModelFile real = file("drafter");
    ModelFile other = new ModelFile("drafter", real.location(), "0".repeat(64));
    ModelRequest request =
        new ModelRequest(List.of(other), file("vae"), Precision.FP32, DeviceSpec.CPU, 1);

    assertThatThrownBy(() -> registry.lend(request))
        .isInstanceOf(WrongWeightsException.class)
        .isInstanceOf(HopelessException.class)
        .hasMessage(
            "Cannot decode with 'drafter' on host "
                + Machine.host()
                + ": the SHA-256 of '"
                + real.location()
                + "' is "
                + real.sha256()
                + " there (the run has "
                + "0".repeat(64)
                + "). Put the same file on every host.");
    assertThat(registry.models()).isZero();
  }

  @Test
  void aTaskThatIsKilledWhileItWaitsBreaksNoLoad() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    loader.before = release;
    ExecutorService threads = Executors.newFixedThreadPool(2);
    try {
      Future<ModelLease> killed = threads.submit(() -> registry.lend(request("drafter")));
      while (loader.begun.getCount() > 0) {
        loader.begun.await();
      }
      Future<ModelLease> patient = threads.submit(() -> registry.lend(request("drafter")));

      killed.cancel(true);
      release.countDown();

      patient.get().close();
      assertThat(loader.loads).containsExactly("drafter", "vae");
      // what the killed task had taken was given back
      registry.lend(request("refiner")).close();
      assertThat(registry.models()).isEqualTo(2);
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void aClosedRegistryLendsNothing() {
    registry.close();

    assertThatThrownBy(() -> registry.lend(request("drafter")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("Cannot lend models: the registry was closed");
  }

  private static void together(Callable<?> work) throws InterruptedException, ExecutionException {
    ExecutorService threads = Executors.newFixedThreadPool(TASKS);
    try {
      CountDownLatch start = new CountDownLatch(TASKS);
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < TASKS; i++) {
        all.add(
            threads.submit(
                () -> {
                  start.countDown();
                  start.await();
                  return work.call();
                }));
      }
      for (Future<?> one : all) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static ModelRequest request(String... names) {
    List<ModelFile> files = new ArrayList<>();
    for (String name : names) {
      files.add(file(name));
    }
    return new ModelRequest(files, file("vae"), Precision.FP32, DeviceSpec.CPU, 1);
  }

  private static ModelFile file(String name) {
    String file =
        switch (name) {
          case "drafter" -> "var_d2.pth";
          case "refiner" -> "var_d1.pth";
          default -> "vae.pth";
        };
    String location = GOLDEN.folder().resolve(file).toString();
    try (WeightSource source = WeightSources.transformer(location)) {
      return new ModelFile(name, location, source.sha256());
    }
  }

  /** Loads as the real one does, and says what it loads. */
  private static final class CountingLoader implements ModelLoader {

    private final WeightLoader weights = new WeightLoader();
    private final List<String> loads = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch begun = new CountDownLatch(1);
    private volatile CountDownLatch before = new CountDownLatch(0);
    private volatile String failedName = "drafter";
    private volatile RuntimeException failure;

    @Override
    public VarTransformer transformer(ModelFile file, ModelRequest request) {
      begin(file.name());
      return weights.transformer(file, request);
    }

    @Override
    public Tokenizer tokeniser(ModelRequest request, ScaleSchedule schedule) {
      begin(request.tokeniser().name());
      return weights.tokeniser(request, schedule);
    }

    private void begin(String name) {
      loads.add(name);
      begun.countDown();
      try {
        before.await();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
      if (failure != null && name.equals(failedName)) {
        throw failure;
      }
    }
  }
}
