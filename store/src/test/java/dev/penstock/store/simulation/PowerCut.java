package dev.penstock.store.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Chooses what a power cut leaves of a disk at one moment: for each page, length and name that is not on the device the
 * old one, the new one, one of those in between, or (a page) a mixture of them by sectors of 512 bytes, each without
 * regard to the others.
 *
 * <p>First everything new and everything old; then each thing alone old and each alone new; then by lot. The pages are
 * put into the place of the device's for as long as the image is looked at.
 */
public final class PowerCut {

    private static final int SECTOR_LENGTH = 512;
    private static final int STATES_PER_PENDING = 12;

    /** Something that may or may not have reached the device. */
    private sealed interface Pending {

        record Page(SimulatedFile file, int number, List<byte[]> versions) implements Pending {}

        record Length(SimulatedFile file) implements Pending {}

        record Name(SimulatedDirectory directory, NameChange change) implements Pending {}
    }

    private final SimulatedDisk disk;
    private final RandomGenerator random;
    private final CrashImage image = new CrashImage();
    private final byte[] torn = new byte[SimulatedFile.PAGE_LENGTH];
    private final List<Pending> pending = new ArrayList<>();
    private final Set<SimulatedFile> files = new LinkedHashSet<>();
    private final Set<SimulatedDirectory> directories = new LinkedHashSet<>();

    /** Whether a state has a thing new, and how likely one by lot does. */
    private enum Lot {
        ALL_NEW,
        ALL_OLD,
        ONE_OLD,
        ONE_NEW,
        ANY
    }

    /** @param disk as it is now, captured; it must not change until this is done */
    public PowerCut(SimulatedDisk disk, RandomGenerator random) {
        this.disk = disk;
        this.random = random;
        add(disk.root());
        for (SimulatedFile file : files) {
            if (file.lengths().size() > 1) {
                pending.add(new Pending.Length(file));
            }
            file.versions().forEach((number, versions) -> pending.add(new Pending.Page(file, number, versions)));
        }
    }

    private void add(SimulatedNode node) {
        switch (node) {
            case SimulatedFile file -> files.add(file);
            case SimulatedDirectory directory -> {
                if (!directories.add(directory)) {
                    return;
                }
                directory.durableNames.values().forEach(this::add);
                for (NameChange change : directory.changes) {
                    pending.add(new Pending.Name(directory, change));
                    if (change instanceof NameChange.Create(String _, SimulatedNode created)) {
                        add(created);
                    }
                }
            }
        }
    }

    /** How many states are worth looking at. */
    public int worthwhileCount(int wanted) {
        return pending.isEmpty() ? 1 : Math.min(wanted, pending.size() * STATES_PER_PENDING);
    }

    /** What the process itself would find if it came back at once, without a power cut. */
    public CrashImage nothingLost() {
        return make(Lot.ALL_NEW, 0);
    }

    /** A state by lot. */
    public CrashImage any() {
        return make(Lot.ANY, 0);
    }

    /** The state with a number below what {@link #worthwhileCount} gave for {@code count}. */
    public CrashImage state(int number, int count) {
        int size = pending.size();
        if (number < 2 || size == 0) {
            return make(number == 0 ? Lot.ALL_NEW : Lot.ALL_OLD, 0);
        }
        boolean enough = size * 3 + 2 <= count;
        int place = number - 2;
        if (enough ? place < size : place < count / 3) {
            return make(Lot.ONE_OLD, enough ? place : random.nextInt(size));
        }
        if (enough ? place < 2 * size : place < 2 * count / 3) {
            return make(Lot.ONE_NEW, enough ? place - size : random.nextInt(size));
        }
        return make(Lot.ANY, 0);
    }

    /** Puts the device's own pages back. */
    public void restore() {
        files.forEach(SimulatedFile::restore);
    }

    private CrashImage make(Lot lot, int odd) {
        restore();
        double likelihood = 0.05 + 0.9 * random.nextDouble();
        double tearing = random.nextInt(3) == 0 ? 0.3 : 0.02;
        Map<SimulatedDirectory, Map<String, SimulatedNode>> names = new HashMap<>();
        directories.forEach(directory -> names.put(directory, new HashMap<>(directory.durableNames)));
        Map<SimulatedFile, Long> lengths = new HashMap<>();
        for (int i = 0; i < pending.size(); i++) {
            boolean isNew = switch (lot) {
                case ALL_NEW -> true;
                case ALL_OLD -> false;
                case ONE_OLD -> i != odd;
                case ONE_NEW -> i == odd;
                case ANY -> random.nextDouble() < likelihood;
            };
            switch (pending.get(i)) {
                case Pending.Name(SimulatedDirectory directory, NameChange change) -> {
                    if (isNew) {
                        change.applyTo(names.get(directory));
                    }
                }
                case Pending.Length(SimulatedFile file) -> lengths.put(file, length(file, lot, isNew));
                case Pending.Page page -> suppose(page, lot, isNew, tearing);
            }
        }
        image.hold(folder(disk.root(), names, lengths, new HashMap<>()));
        return image;
    }

    private static CrashImage.Folder folder(
            SimulatedDirectory directory,
            Map<SimulatedDirectory, Map<String, SimulatedNode>> names,
            Map<SimulatedFile, Long> lengths,
            Map<SimulatedFile, CrashImage.File> known) {
        CrashImage.Folder folder = new CrashImage.Folder(directory.fileSystem, new HashMap<>());
        names.get(directory).forEach((name, node) -> {
            CrashImage.Entry entry = switch (node) {
                case SimulatedFile file ->
                    known.computeIfAbsent(
                            file,
                            each -> new CrashImage.File(
                                    each.onDevice(),
                                    lengths.getOrDefault(each, each.lengths().getFirst())));
                case SimulatedDirectory inner -> folder(inner, names, lengths, known);
            };
            folder.entries().put(name, entry);
        });
        return folder;
    }

    private long length(SimulatedFile file, Lot lot, boolean isNew) {
        List<Long> known = file.lengths();
        if (lot == Lot.ANY && isNew) {
            return known.get(random.nextInt(known.size()));
        }
        return isNew ? known.getLast() : known.getFirst();
    }

    private void suppose(Pending.Page page, Lot lot, boolean isNew, double tearing) {
        List<byte[]> versions = page.versions();
        if (lot != Lot.ALL_NEW && lot != Lot.ALL_OLD && random.nextDouble() < tearing) {
            for (int sector = 0; sector < torn.length; sector += SECTOR_LENGTH) {
                System.arraycopy(versions.get(random.nextInt(versions.size())), sector, torn, sector, SECTOR_LENGTH);
            }
            page.file().suppose(page.number(), torn);
        } else if (isNew) {
            boolean newest = lot != Lot.ANY || random.nextBoolean();
            int version = newest ? versions.size() - 1 : random.nextInt(versions.size());
            page.file().suppose(page.number(), versions.get(version));
        }
    }
}
