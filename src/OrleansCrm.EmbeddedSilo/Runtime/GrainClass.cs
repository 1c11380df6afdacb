using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using Orleans;
using Orleans.Concurrency;
using Orleans.Runtime;

namespace OrleansCrm.EmbeddedSilo;

/// <summary>A grain class in one silo: what its attributes say, how it is built, and the directory of its activations.</summary>
internal sealed class GrainClass
{
    private readonly ConcurrentDictionary<string, Activation> _byText = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Activation> _byNumber = new();
    private readonly GrainType _grainType;
    private readonly Lazy<GrainActivator> _activator;

    internal GrainClass(Silo silo, Type type)
    {
        Silo = silo;
        Name = type.Name;
        _grainType = GrainType.Create(TypeNameOf(type));
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        HasActivation = Overrides(type, nameof(IGrainBase.OnActivateAsync));
        HasDeactivation = Overrides(type, nameof(IGrainBase.OnDeactivateAsync));
        CollectionAge = CollectionAgeOf(type, silo);
        _activator = new Lazy<GrainActivator>(() => new GrainActivator(silo, type));
    }

    internal Silo Silo { get; }

    internal string Name { get; }

    internal bool IsReentrant { get; }

    internal bool HasActivation { get; }

    internal bool HasDeactivation { get; }

    /// <summary>Idle time after which an activation is collected; null for never.</summary>
    internal TimeSpan? CollectionAge { get; }

    /// <summary>Builds the grains. What it finds amiss, such as a missing storage, is the caller's answer.</summary>
    internal GrainActivator Activator => _activator.Value;

    internal IEnumerable<Activation> Activations =>
        _byText.Select(static pair => pair.Value).Concat(_byNumber.Select(static pair => pair.Value));

    internal GrainId IdOf(string? text, long number) =>
        GrainId.Create(_grainType, text ?? number.ToString("X", CultureInfo.InvariantCulture));

    internal Activation? Find(string? text, long number) =>
        text is null ? _byNumber.GetValueOrDefault(number) : _byText.GetValueOrDefault(text);

    /// <summary>The activation of this key, made if there is none; null when the silo makes no more.</summary>
    internal Activation? GetOrCreate(string? text, long number)
    {
        if (Find(text, number) is { } found)
            return found;
        if (!Silo.IsRunning)
            return null;

        var created = new Activation(this, text, number);
        var resident = text is null ? _byNumber.GetOrAdd(number, created) : _byText.GetOrAdd(text, created);
        if (ReferenceEquals(resident, created))
            Silo.Collector.Added(this);
        return resident;
    }

    internal void Remove(Activation activation)
    {
        var removed = activation.Text is null
            ? _byNumber.TryRemove(new(activation.Number, activation))
            : _byText.TryRemove(new(activation.Text, activation));
        if (removed)
            Silo.Collector.Removed(this);
    }

    private static string TypeNameOf(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > "grain".Length ? name[..^"grain".Length] : name;
    }

    private static TimeSpan? CollectionAgeOf(Type type, Silo silo)
    {
        if (type.IsDefined(typeof(KeepAliveAttribute)))
            return null;
        if (type.GetCustomAttribute<CollectionAgeLimitAttribute>() is { } limit)
            return limit.AlwaysActive ? null : limit.AgeLimit;
        return silo.Collection.ClassSpecificCollectionAge.TryGetValue(type.FullName!, out var age) ? age : silo.Collection.CollectionAge;
    }

    private static bool Overrides(Type type, string method)
    {
        var map = type.GetInterfaceMap(typeof(IGrainBase));
        var index = Array.FindIndex(map.InterfaceMethods, candidate => candidate.Name == method);
        var declaring = map.TargetMethods[index].DeclaringType;
        return declaring != typeof(Grain) && declaring != typeof(IGrainBase);
    }
}
