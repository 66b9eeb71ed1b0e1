package dev.penstock.store.threat.mutant;

import dev.penstock.store.internal.format.RecordLayout;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A put that ran out of memory in the middle of its record. */
class MemoryShortageTest {

    private static final Patch SHORT = Patch.first(
            RecordLayout.class,
            "writeFramePrefix",
            code -> code.invokestatic(
                    ClassDesc.of(MemoryShortage.class.getName()),
                    "beforePrefix",
                    MethodTypeDesc.of(ConstantDescs.CD_void)));

    @TempDir
    Path directory;

    @Test
    void theNextValueOfTheSameLengthHasItsFrame() throws Throwable {
        Class<?> loaded = new PatchingLoader(List.of(SHORT)).loadClass(MemoryShortage.class.getName());
        Method method = loaded.getDeclaredMethod("put", Path.class);
        method.setAccessible(true);
        try {
            method.invoke(null, directory);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
