"""What whoever runs the server calls now and then, one command each."""
