using System.Collections.Concurrent;
using System.Reflection;
using Orleans;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>Finds the class behind a grain interface, in all assemblies that use the silo.</summary>
internal sealed class GrainClasses(Silo silo)
{
    private readonly ConcurrentDictionary<Type, GrainClass> _byType = new();
    private readonly ConcurrentDictionary<Type, GrainBinding> _byInterface = new();
    private readonly Lazy<List<Type>> _types = new(FindTypes);

    internal IEnumerable<GrainClass> All => _byType.Values;

    internal GrainBinding For(Type interfaceType) => _byInterface.GetOrAdd(interfaceType, static (type, self) => self.Bind(type), this);

    private static List<Type> FindTypes()
    {
        var self = typeof(Grain).Assembly;
        var seen = new HashSet<string>();
        var open = new Queue<Assembly>(AppDomain.CurrentDomain.GetAssemblies().Where(static assembly => !assembly.IsDynamic));
        var found = new List<Type>();
        while (open.TryDequeue(out var assembly))
        {
            if (!seen.Add(assembly.FullName!) || IsFramework(assembly.GetName()))
                continue;

            var references = assembly.GetReferencedAssemblies();
            foreach (var reference in references.Where(static reference => !IsFramework(reference)))
            {
                if (!seen.Contains(reference.FullName) && TryLoad(reference) is { } referenced)
                    open.Enqueue(referenced);
            }

            if (references.Any(reference => reference.Name == self.GetName().Name))
            {
                found.AddRange(assembly.GetTypes().Where(static type =>
                    type is { IsClass: true, IsAbstract: false } && typeof(IGrainBase).IsAssignableFrom(type)));
            }
        }

        return found;
    }

    private static bool IsFramework(AssemblyName name) =>
        name.Name is null or "mscorlib" or "netstandard" ||
        name.Name.StartsWith("System.", StringComparison.Ordinal) || name.Name.StartsWith("Microsoft.", StringComparison.Ordinal);

    private static Assembly? TryLoad(AssemblyName name)
    {
        try
        {
            return Assembly.Load(name);
        }
        catch (Exception exception) when (exception is FileNotFoundException or FileLoadException or BadImageFormatException)
        {
            // A reference that is not deployed holds no grains of this process.
            return null;
        }
    }

    private GrainBinding Bind(Type interfaceType)
    {
        var candidates = _types.Value.Where(interfaceType.IsAssignableFrom).ToList();
        var named = candidates.Where(type => "I" + type.Name == interfaceType.Name).ToList();
        var type = (candidates.Count, named.Count) switch
        {
            (1, _) => candidates[0],
            (_, 1) => named[0],
            (0, _) => throw new ArgumentException($"Could not find an implementation for interface {interfaceType}"),
            _ => throw new ArgumentException(
                $"Unable to identify a single appropriate grain type for interface {interfaceType}. " +
                $"Candidates: {string.Join(", ", candidates)}"),
        };
        var grainClass = _byType.GetOrAdd(type, static (type, silo) => new GrainClass(silo, type), silo);
        return new GrainBinding(grainClass, ProxyFactory.For(interfaceType));
    }
}

/// <summary>The class behind an interface, and how references with that interface are made.</summary>
internal sealed record GrainBinding(GrainClass Class, Func<ReferenceAddress, GrainReference> Reference);
