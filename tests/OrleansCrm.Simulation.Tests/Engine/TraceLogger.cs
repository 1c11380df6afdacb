using Microsoft.Extensions.Logging;
using OrleansCrm.Simulation.Tests.Worlds;

namespace OrleansCrm.Simulation.Tests.Engine;

/// <summary>What the engine says goes into the trace; what the runtime calls critical is a violation.</summary>
internal sealed class TraceLogger(World world, string process) : ILogger, ILoggerProvider
{
    private bool _isDead;

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (_isDead)
            return;
        var text = formatter(state, exception);
        world.Mix(text);
        world.Say($"{process} {logLevel}: {text}{(exception is null ? "" : " " + exception)}");
        if (logLevel == LogLevel.Critical)
            world.Violate(text + " " + exception);
    }

    /// <summary>With its services the process is gone.</summary>
    public void Dispose() => _isDead = true;
}
