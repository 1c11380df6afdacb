using System.Collections.Concurrent;
using System.Reflection;
using Orleans;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>Copies values by reflection, as deep as crossing a process would. The strict one refuses what could not cross.</summary>
internal sealed class DeepCopier
{
    /// <summary>For calls: only what is declared to cross.</summary>
    internal static readonly DeepCopier Strict = new(strict: true);

    /// <summary>For states in memory: anything.</summary>
    internal static readonly DeepCopier Lenient = new(strict: false);

    private static readonly MethodInfo Clone =
        typeof(object).GetMethod(nameof(MemberwiseClone), BindingFlags.Instance | BindingFlags.NonPublic)!;

    private static readonly HashSet<Type> Values =
    [
        typeof(string), typeof(decimal), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(TimeSpan), typeof(DateOnly),
        typeof(TimeOnly), typeof(Int128), typeof(UInt128), typeof(CancellationToken), typeof(Uri), typeof(GrainId), typeof(Nothing),
    ];

    private static readonly HashSet<Type> Collections =
    [
        typeof(List<>), typeof(Dictionary<,>), typeof(HashSet<>), typeof(Queue<>), typeof(Stack<>), typeof(Nullable<>),
        typeof(KeyValuePair<,>), typeof(Tuple<,>), typeof(ValueTuple<,>), typeof(ValueTuple<,,>), typeof(ValueTuple<,,,>),
        typeof(ReadOnlyMemory<>), typeof(Memory<>),
    ];

    private readonly bool _strict;
    private readonly ConcurrentDictionary<Type, FieldInfo[]> _fields = new();

    private DeepCopier(bool strict) => _strict = strict;

    /// <exception cref="NotSupportedException">The value, or one within, is of a type that cannot cross a process.</exception>
    internal object? Copy(object? value) => Copy(value, new Dictionary<object, object>(ReferenceEqualityComparer.Instance));

    private object? Copy(object? value, Dictionary<object, object> copied)
    {
        if (value is null or IAddressable || IsValue(value.GetType()))
            return value;
        if (copied.TryGetValue(value, out var existing))
            return existing;
        if (value is Array array)
            return CopyArray(array, copied);

        var type = value.GetType();
        if (type.IsDefined(typeof(ImmutableAttribute)))
            return value;
        if (_strict)
            Check(type);
        if (IsHashed(type))
            return CopyHashed(value, type, copied);

        var copy = Clone.Invoke(value, null)!;
        if (!type.IsValueType)
            copied.Add(value, copy);
        foreach (var field in _fields.GetOrAdd(type, FieldsOf))
            field.SetValue(copy, Copy(field.GetValue(value), copied));
        return copy;
    }

    private static bool IsValue(Type type) => type.IsPrimitive || type.IsEnum || Values.Contains(type);

    private static bool IsHashed(Type type) => type.IsGenericType &&
        (type.GetGenericTypeDefinition() == typeof(Dictionary<,>) || type.GetGenericTypeDefinition() == typeof(HashSet<>));

    private static FieldInfo[] FieldsOf(Type type)
    {
        var fields = new List<FieldInfo>();
        for (var current = type; current is not null; current = current.BaseType)
        {
            fields.AddRange(current
                .GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(static field => !IsValue(field.FieldType)));
        }

        return [.. fields];
    }

    private static void Check(Type type)
    {
        if (type.IsDefined(typeof(GenerateSerializerAttribute)))
            return;
        if (type.IsGenericType && Collections.Contains(type.GetGenericTypeDefinition()))
            return;
        throw new NotSupportedException($"{type} has no [GenerateSerializer] and is none of the types that cross by themselves.");
    }

    private Array CopyArray(Array array, Dictionary<object, object> copied)
    {
        var copy = (Array)array.Clone();
        copied.Add(array, copy);
        if (IsValue(array.GetType().GetElementType()!))
            return copy;
        for (var i = 0; i < copy.Length; i++)
            copy.SetValue(Copy(array.GetValue(i), copied), i);
        return copy;
    }

    /// <summary>Their buckets hang on the hash codes of the keys, which for reference keys change with the copy.</summary>
    private object CopyHashed(object value, Type type, Dictionary<object, object> copied)
    {
        var comparer = type.GetProperty("Comparer")!.GetValue(value);
        var copy = Activator.CreateInstance(type, comparer)!;
        copied.Add(value, copy);
        var add = type.GetMethod("Add")!;
        foreach (var item in (System.Collections.IEnumerable)value)
        {
            if (type.GetGenericTypeDefinition() == typeof(HashSet<>))
            {
                add.Invoke(copy, [Copy(item, copied)]);
                continue;
            }

            var pair = item.GetType();
            add.Invoke(copy,
                [Copy(pair.GetProperty("Key")!.GetValue(item), copied), Copy(pair.GetProperty("Value")!.GetValue(item), copied)]);
        }

        return copy;
    }
}
