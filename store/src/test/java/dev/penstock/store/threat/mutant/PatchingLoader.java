package dev.penstock.store.threat.mutant;

import dev.penstock.store.StoreProbe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.List;
import java.util.Set;

/**
 * Loads the store and its tests once more, from the same files, with some methods patched: a mutant needs no seam in
 * what it is a mutant of. All else comes from the parent.
 *
 * <p>In classes that store into a segment's memory a call of {@link StoreProbe} is put before each store.
 */
public final class PatchingLoader extends ClassLoader {

    private static final String STORE = "dev.penstock.store.";
    private static final List<String> PROBED =
            List.of(STORE + "internal.format.", STORE + "internal.segment.", STORE + "internal.write.");
    private static final ClassDesc SEGMENT =
            MemorySegment.class.describeConstable().orElseThrow();
    private static final ClassDesc VAR_HANDLE =
            VarHandle.class.describeConstable().orElseThrow();
    private static final Set<String> SEGMENT_STORES = Set.of("copy", "copyFrom", "fill", "set");
    private static final Set<String> VAR_HANDLE_STORES = Set.of("set", "setVolatile", "setRelease", "setOpaque");

    private final List<Patch> patches;

    /** @throws AssertionError if a patch finds nothing to change: a mutant that is none would count as killed later */
    PatchingLoader(List<Patch> patches) {
        super(PatchingLoader.class.getClassLoader());
        this.patches = patches;
        for (Patch patch : patches) {
            patch.applyTo(bytesOf(patch.className()));
        }
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
        if (!name.startsWith(STORE)) {
            return super.loadClass(name, resolve);
        }
        synchronized (getClassLoadingLock(name)) {
            Class<?> loaded = findLoadedClass(name);
            return loaded != null ? loaded : define(name);
        }
    }

    private Class<?> define(String name) throws ClassNotFoundException {
        byte[] bytes = bytes(name);
        for (Patch patch : patches) {
            if (patch.className().equals(name)) {
                bytes = patch.applyTo(bytes);
            }
        }
        if (PROBED.stream().anyMatch(name::startsWith)) {
            bytes = probed(bytes);
        }
        return defineClass(name, bytes, 0, bytes.length);
    }

    private byte[] bytesOf(String name) {
        try {
            return bytes(name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError("no class to patch: " + name, e);
        }
    }

    private byte[] bytes(String name) throws ClassNotFoundException {
        try (InputStream file = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
            if (file == null) {
                throw new ClassNotFoundException(name);
            }
            return file.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] probed(byte[] bytes) {
        ClassDesc probe = StoreProbe.class.describeConstable().orElseThrow();
        CodeTransform probing = (code, element) -> {
            if (element instanceof InvokeInstruction call && isStore(call)) {
                code.invokestatic(probe, "beforeStore", MethodTypeDesc.of(ConstantDescs.CD_void));
            }
            code.with(element);
        };
        ClassModel model = ClassFile.of().parse(bytes);
        return ClassFile.of().transformClass(model, ClassTransform.transformingMethodBodies(probing));
    }

    /** Whether a call may change the memory of a segment; one that copies from there into an array does not. */
    private static boolean isStore(InvokeInstruction call) {
        ClassDesc owner = call.owner().asSymbol();
        String name = call.name().stringValue();
        List<ClassDesc> parameters = call.typeSymbol().parameterList();
        if (owner.equals(VAR_HANDLE)) {
            return VAR_HANDLE_STORES.contains(name) && parameters.getFirst().equals(SEGMENT);
        }
        boolean intoArray = name.equals("copy")
                && parameters.contains(ConstantDescs.CD_Object)
                && parameters.getFirst().equals(SEGMENT);
        return owner.equals(SEGMENT) && SEGMENT_STORES.contains(name) && !intoArray;
    }
}
