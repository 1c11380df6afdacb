using Orleans;

namespace OrleansCrm.EmbeddedSilo;

internal sealed class GrainFactory(Silo silo) : IClusterClient
{
    public IServiceProvider ServiceProvider => silo.Services;

    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(primaryKey);
        return (TGrainInterface)(object)Make(typeof(TGrainInterface), primaryKey, 0, grainClassNamePrefix);
    }

    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        (TGrainInterface)(object)Make(typeof(TGrainInterface), null, primaryKey, grainClassNamePrefix);

    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        ArgumentNullException.ThrowIfNull(obj);
        if (obj is not TGrainObserverInterface)
            throw new ArgumentException($"The provided object must implement '{typeof(TGrainObserverInterface).FullName}'.", nameof(obj));
        var address = new ReferenceAddress(null, new LocalObject(silo, obj), null, 0);
        return (TGrainObserverInterface)(object)ProxyFactory.For(typeof(TGrainObserverInterface))(address);
    }

    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver
    {
        if (obj is not GrainReference { Observer: { } observer })
            throw new ArgumentException("Argument reference is not a grain reference.", nameof(obj));
        observer.Delete();
    }

    private GrainReference Make(Type interfaceType, string? text, long number, string? prefix)
    {
        if (!string.IsNullOrWhiteSpace(prefix))
            throw new NotSupportedException("Choosing among several grain classes by a prefix of their names is not supported here.");
        var binding = silo.Classes.For(interfaceType);
        return binding.Reference(new ReferenceAddress(binding.Class, null, text, number));
    }
}
