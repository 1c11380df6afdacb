using System.Reflection;
using Orleans;
using Orleans.Runtime;
using OrleansCrm.Contracts.Entries;

namespace OrleansCrm.Contracts.Tests;

/// <summary>What crosses a grain boundary is copied or sent to another machine: only plain, closed, numbered types may.</summary>
public sealed class GrainBoundaryTests
{
    private static readonly HashSet<Type> Plain =
    [
        typeof(bool), typeof(byte), typeof(int), typeof(long), typeof(ulong), typeof(double), typeof(string), typeof(Guid), typeof(DateTimeOffset), typeof(TimeSpan),
    ];

    public static TheoryData<Type> Interfaces =>
        [.. typeof(Entry).Assembly.GetTypes().Where(t => t.IsInterface && typeof(IAddressable).IsAssignableFrom(t))];

    [Theory]
    [MemberData(nameof(Interfaces))]
    public void Grain_interface_carries_only_types_that_can_cross(Type grain)
    {
        Assert.NotNull(grain.GetCustomAttribute<AliasAttribute>());
        foreach (var method in grain.GetMethods())
        {
            Assert.EndsWith("Async", method.Name, StringComparison.Ordinal);
            Check(Unwrap(method.ReturnType), []);
            foreach (var parameter in method.GetParameters())
                Check(parameter.ParameterType, []);
        }
    }

    [Fact]
    public void There_are_grain_interfaces_to_check() => Assert.NotEmpty(Interfaces);

    private static Type Unwrap(Type type)
    {
        if (type == typeof(Task) || type == typeof(ValueTask))
            return typeof(bool);
        Assert.True(type.IsGenericType && (type.GetGenericTypeDefinition() == typeof(Task<>) || type.GetGenericTypeDefinition() == typeof(ValueTask<>)), $"{type}");
        return type.GetGenericArguments()[0];
    }

    private static void Check(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type) || Plain.Contains(type) || type.IsEnum || typeof(IGrainObserver).IsAssignableFrom(type))
            return;
        if (type.IsArray)
        {
            Check(type.GetElementType()!, seen);
            return;
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(List<>))
        {
            Check(type.GetGenericArguments()[0], seen);
            return;
        }

        Assert.True(type is { IsClass: true, IsSealed: true, IsNested: false }, $"{type} is not a sealed, unnested class");
        Assert.NotNull(type.GetCustomAttribute<GenerateSerializerAttribute>());
        Assert.NotNull(type.GetCustomAttribute<AliasAttribute>());
        Assert.NotNull(type.GetCustomAttribute<ImmutableAttribute>());
        var ids = new HashSet<uint>();
        foreach (var property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite))
        {
            var id = property.GetCustomAttribute<IdAttribute>();
            Assert.True(id is not null && ids.Add(id.Id), $"{type.Name}.{property.Name} has no number of its own");
            Check(property.PropertyType, seen);
        }
    }
}
