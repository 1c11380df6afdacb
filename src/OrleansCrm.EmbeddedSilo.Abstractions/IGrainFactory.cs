namespace Orleans;

/// <summary>Makes references to grains. Making one activates nothing; two references to the same grain are equal.</summary>
public interface IGrainFactory
{
    /// <summary>A reference to the grain with this text key.</summary>
    /// <exception cref="ArgumentException">The key is empty, or no grain class implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey;

    /// <summary>A reference to the grain with this integer key.</summary>
    /// <exception cref="ArgumentException">No grain class implements the interface.</exception>
    TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey;

    /// <summary>A reference through which grains can call <paramref name="obj"/>. Only a weak reference to the object is
    /// held: whoever wants the calls keeps it alive. A call to an object that is gone is never answered.</summary>
    TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;

    /// <summary>Ends a reference made by <see cref="CreateObjectReference"/>; <paramref name="obj"/> is that reference.</summary>
    void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver;
}
