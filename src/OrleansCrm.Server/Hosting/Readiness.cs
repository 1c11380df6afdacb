namespace OrleansCrm.Server.Hosting;

/// <summary>Whether this process still wants work.</summary>
internal sealed class Readiness
{
    private volatile bool _isDraining;

    public bool IsDraining => _isDraining;

    public void StartDraining() => _isDraining = true;
}
