namespace OrleansCrm.Server.Hosting;

/// <summary>The process cannot start as asked; the message is for the person who asked.</summary>
internal sealed class StartException(string message) : Exception(message);
