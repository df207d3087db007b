"""Does one frozen backbone with trained prompts match a fine-tuned copy per task?"""
