using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Orleans;

namespace OrleansCrm.Simulation.Tests.Engine;

/// <summary>
/// The embedded silo's fault injection, which is internal to it: reached by name, so that the silo need not know this room. Always on,
/// if only with probabilities of zero: with it each call passes the mailbox and none runs on its caller's stack for as long as a real
/// clock allows.
/// </summary>
internal sealed class SiloFaults
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private readonly object _faults;

    public SiloFaults(IServiceCollection services, int seed)
    {
        var options = Make("EmbeddedSiloOptions");
        _faults = Make("FaultOptions");
        Set(_faults, "Seed", seed);
        Set(options, "Faults", _faults);
        services.AddSingleton(
            typeof(IOptions<>).MakeGenericType(options.GetType()),
            Activator.CreateInstance(typeof(OptionsWrapper<>).MakeGenericType(options.GetType()), options)!);
    }

    /// <summary>The caller gets a timeout although the call runs.</summary>
    public double LostAnswer { set => Set(_faults, nameof(LostAnswer), value); }

    /// <summary>The caller gets a timeout and the call never runs.</summary>
    public double LostCall { set => Set(_faults, nameof(LostCall), value); }

    /// <summary>The activation vanishes before the call reaches it.</summary>
    public double Crash { set => Set(_faults, nameof(Crash), value); }

    /// <summary>A second activation is made while the first goes on.</summary>
    public double Double { set => Set(_faults, nameof(Double), value); }

    public void Cease() => LostAnswer = LostCall = Crash = Double = 0;

    private static object Make(string name) =>
        Activator.CreateInstance(typeof(Grain).Assembly.GetType("OrleansCrm.EmbeddedSilo." + name, throwOnError: true)!)!;

    private static void Set(object of, string name, object value) => of.GetType().GetProperty(name, Any)!.SetValue(of, value);
}
