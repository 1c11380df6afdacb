namespace Orleans;

/// <summary>Calls grains from outside; in a host with a silo it is the same as its grain factory.</summary>
public interface IClusterClient : IGrainFactory
{
    /// <summary>The services of the host.</summary>
    IServiceProvider ServiceProvider { get; }
}
