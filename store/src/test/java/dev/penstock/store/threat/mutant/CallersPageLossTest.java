package dev.penstock.store.threat.mutant;

import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.penstock.store.internal.io.PageFaults;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The error of a page that the caller lost reaches the caller, and changes nothing of the store. */
class CallersPageLossTest {

    private static final Patch DUE = Patch.first(
            PageFaults.class,
            "deliver",
            code -> code.invokestatic(
                    ClassDesc.of(CallersPageLoss.class.getName()),
                    "beforeDelivery",
                    MethodTypeDesc.of(ConstantDescs.CD_void)));

    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"closing", "uses"})
    void theErrorReachesTheCaller(String use) throws Throwable {
        Class<?> loaded = new PatchingLoader(List.of(DUE)).loadClass(CallersPageLoss.class.getName());
        assertNotEquals(CallersPageLoss.class, loaded);
        Method method = loaded.getDeclaredMethod(use, Path.class);
        method.setAccessible(true);
        try {
            method.invoke(null, directory);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
